import Foundation
import GRDB
import NIOCore
import S3Wire

/// The rows that stand for bodies: how many objects and parts refer to each, and where its bytes are.
enum BodyRows {
    /// Adds a body that one object or part refers to.
    ///
    /// - Parameters:
    ///   - body: The received body.
    ///   - database: The writer's connection.
    ///   - effects: Learns the file that must be durable.
    /// - Returns: The row's id.
    /// - Throws: What SQLite says.
    static func insert(
        _ body: ReceivedBody,
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws -> Int64 {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO body(size, refs, name, data) VALUES(?, 1, ?, ?)"
        )
        switch body.content {
        case .inline(let bytes):
            try statement.execute(arguments: [body.size, nil, Data(bytes.readableBytesView)])
        case .named(let name):
            try statement.execute(arguments: [body.size, name, nil])
            effects.created.append(name)
        }
        return database.lastInsertedRowID
    }

    /// Lets one more object refer to a body.
    static func retain(_ id: Int64, in database: Database) throws {
        try database.cachedStatement(sql: "UPDATE body SET refs = refs + 1 WHERE id = ?").execute(arguments: [
            id
        ])
    }

    /// Lets one object less refer to a body, and removes the body with the last.
    static func release(_ id: Int64, in database: Database, effects: inout GroupCommitWriter.Effects) throws {
        let select = try database.cachedStatement(sql: "SELECT refs, name FROM body WHERE id = ?")
        guard let row = try Row.fetchOne(select, arguments: [id]) else { return }
        if row[0] as Int > 1 {
            try database.cachedStatement(sql: "UPDATE body SET refs = refs - 1 WHERE id = ?")
                .execute(arguments: [id])
            return
        }
        try database.cachedStatement(sql: "DELETE FROM body WHERE id = ?").execute(arguments: [id])
        if let name = row[1] as String? { effects.orphaned.append(name) }
    }

    /// Finds the bytes of a body.
    static func location(of id: Int64, in database: Database) throws -> BodyLocation? {
        let statement = try database.cachedStatement(sql: "SELECT name, data FROM body WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { return nil }
        if let name = row[0] as String? { return .named(name) }
        return .inline(ByteBuffer(bytes: row[1] as Data))
    }

    /// Whether a row refers to a file.
    static func isKnown(name: String, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM body WHERE name = ?")
        return try Int.fetchOne(statement, arguments: [name]) != nil
    }
}
