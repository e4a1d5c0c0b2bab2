import Foundation
import GRDB
import S3Wire

/// The rows of objects; keys are compared bytewise.
enum ObjectRows {
    /// Finds an object.
    static func object(bucket: Int64, key: [UInt8], in database: Database) throws -> StoredObject? {
        let statement = try database.cachedStatement(
            sql:
                """
                SELECT size, etag, modified, headers, checksum, body, tags FROM object
                WHERE bucket = ? AND key = ?
                """
        )
        guard let row = try Row.fetchOne(statement, arguments: [bucket, Data(key)]) else { return nil }
        let size: Int64 = row[0]
        let body: Int64? = row[5]
        return StoredObject(
            size: size,
            etag: row[1],
            modified: S3Timestamp(milliseconds: row[2]),
            headers: ObjectHeaders(column: row[3]),
            tags: ObjectTags(column: row[6]),
            checksum: StoredChecksum(column: row[4]),
            segments: try body.map { [StoredSegment(body: $0, size: size)] }
                ?? segments(bucket: bucket, key: key, in: database)
        )
    }

    /// Puts an object in place of whatever had its key; its bodies are already referred to.
    static func put(
        _ object: StoredObject,
        bucket: Int64,
        key: [UInt8],
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        try releaseBodies(bucket: bucket, key: key, in: database, effects: &effects)
        let single = object.partCount == nil ? object.segments.first?.body : nil
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO object(bucket, key, size, etag, modified, headers, tags, checksum, body)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                bucket, Data(key), object.size, object.etag, object.modified.milliseconds,
                object.headers.column, object.tags.column,
                object.checksum?.column, single,
            ]
        )
        guard single == nil else { return }
        let insert = try database.cachedStatement(
            sql: "INSERT INTO segment(bucket, key, n, size, checksum, body) VALUES(?, ?, ?, ?, ?, ?)"
        )
        for (index, segment) in object.segments.enumerated() {
            try insert.execute(
                arguments: [bucket, Data(key), index, segment.size, segment.checksum?.column, segment.body]
            )
        }
    }

    /// Replaces the tags of an object.
    ///
    /// - Returns: Whether there is such an object.
    static func setTags(
        _ tags: ObjectTags,
        bucket: Int64,
        key: [UInt8],
        in database: Database
    ) throws -> Bool {
        try database.cachedStatement(sql: "UPDATE object SET tags = ? WHERE bucket = ? AND key = ?")
            .execute(arguments: [tags.column, bucket, Data(key)])
        return database.changesCount > 0
    }

    /// Removes an object; nothing happens if there is none.
    static func delete(
        bucket: Int64,
        key: [UInt8],
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        try releaseBodies(bucket: bucket, key: key, in: database, effects: &effects)
        try database.cachedStatement(sql: "DELETE FROM object WHERE bucket = ? AND key = ?")
            .execute(arguments: [bucket, Data(key)])
    }

    private static func segments(bucket: Int64, key: [UInt8], in database: Database) throws -> [StoredSegment]
    {
        let statement = try database.cachedStatement(
            sql: "SELECT body, size, checksum FROM segment WHERE bucket = ? AND key = ? ORDER BY n"
        )
        return try Row.fetchAll(statement, arguments: [bucket, Data(key)])
            .map { StoredSegment(body: $0[0], size: $0[1], checksum: StoredChecksum(column: $0[2])) }
    }

    private static func releaseBodies(
        bucket: Int64,
        key: [UInt8],
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        let select = try database.cachedStatement(sql: "SELECT body FROM object WHERE bucket = ? AND key = ?")
        guard let row = try Row.fetchOne(select, arguments: [bucket, Data(key)]) else { return }
        if let body = row[0] as Int64? {
            try BodyRows.release(body, in: database, effects: &effects)
            return
        }
        for segment in try segments(bucket: bucket, key: key, in: database) {
            try BodyRows.release(segment.body, in: database, effects: &effects)
        }
        try database.cachedStatement(sql: "DELETE FROM segment WHERE bucket = ? AND key = ?")
            .execute(arguments: [bucket, Data(key)])
    }
}
