import Foundation
import GRDB
import S3Wire

/// A multipart upload that was begun.
struct StoredUpload: Sendable {
    let id: String
    let bucket: Int64
    let key: [UInt8]
    let headers: ObjectHeaders
    /// The checksum its parts carry, if any.
    let checksum: ChecksumAlgorithm?
    /// The ETag of the object, once the upload is complete.
    let completedETag: String?
}

/// One part of an upload.
struct StoredPart: Sendable {
    let number: Int
    let size: Int64
    let etag: String
    let modified: S3Timestamp
    let checksum: StoredChecksum?
    let body: Int64
}

/// The rows of multipart uploads and their parts.
enum UploadRows {
    /// Begins an upload.
    static func insert(_ upload: StoredUpload, started: S3Timestamp, in database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT INTO upload(id, bucket, key, started, headers, checksum) VALUES(?, ?, ?, ?, ?, ?)"
        ).execute(
            arguments: [
                upload.id, upload.bucket, Data(upload.key), started.milliseconds, upload.headers.column,
                upload.checksum?.rawValue,
            ]
        )
    }

    /// Finds the upload of an object.
    ///
    /// - Returns: The upload, complete or not.
    /// - Throws: ``S3RequestError`` (NoSuchUpload) for an id that is unknown or of another object.
    static func require(
        _ id: String,
        bucket: Int64,
        key: [UInt8],
        in database: Database
    ) throws -> StoredUpload {
        let statement = try database.cachedStatement(
            sql: "SELECT headers, checksum, completed FROM upload WHERE id = ? AND bucket = ? AND key = ?"
        )
        guard let row = try Row.fetchOne(statement, arguments: [id, bucket, Data(key)]) else {
            throw S3RequestError(.noSuchUpload, details: [.init("UploadId", id)])
        }
        return StoredUpload(
            id: id,
            bucket: bucket,
            key: key,
            headers: ObjectHeaders(column: row[0]),
            checksum: (row[1] as String?).flatMap { ChecksumAlgorithm(rawValue: $0) },
            completedETag: row[2]
        )
    }

    /// The parts of an upload by number.
    static func parts(of upload: String, in database: Database) throws -> [StoredPart] {
        let statement = try database.cachedStatement(
            sql: "SELECT n, size, etag, modified, checksum, body FROM part WHERE upload = ? ORDER BY n"
        )
        return try Row.fetchAll(statement, arguments: [upload]).map { row in
            StoredPart(
                number: row[0],
                size: row[1],
                etag: row[2],
                modified: S3Timestamp(milliseconds: row[3]),
                checksum: StoredChecksum(column: row[4]),
                body: row[5]
            )
        }
    }

    /// Puts a part in place of the one that had its number; its body is already referred to.
    static func put(
        _ part: StoredPart,
        upload: String,
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        let select = try database.cachedStatement(sql: "SELECT body FROM part WHERE upload = ? AND n = ?")
        if let old = try Int64.fetchOne(select, arguments: [upload, part.number]) {
            try BodyRows.release(old, in: database, effects: &effects)
        }
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO part(upload, n, size, etag, modified, checksum, body)
                VALUES(?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                upload, part.number, part.size, part.etag, part.modified.milliseconds, part.checksum?.column,
                part.body,
            ]
        )
    }

    /// Ends an upload: its parts go, its row stays to answer a repeated request.
    static func complete(
        _ upload: String,
        etag: String,
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        try releaseParts(of: upload, in: database, effects: &effects)
        try database.cachedStatement(sql: "UPDATE upload SET completed = ? WHERE id = ?")
            .execute(arguments: [etag, upload])
    }

    /// Removes an upload and its parts.
    static func delete(
        _ upload: String,
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        try releaseParts(of: upload, in: database, effects: &effects)
        try database.cachedStatement(sql: "DELETE FROM upload WHERE id = ?").execute(arguments: [upload])
    }

    /// Removes uploads nobody will complete any more.
    static func deleteStarted(
        before time: S3Timestamp,
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        let stale = try String.fetchAll(
            database,
            sql: "SELECT id FROM upload WHERE started < ?",
            arguments: [time.milliseconds]
        )
        for upload in stale { try delete(upload, in: database, effects: &effects) }
    }

    private static func releaseParts(
        of upload: String,
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        for part in try parts(of: upload, in: database) {
            try BodyRows.release(part.body, in: database, effects: &effects)
        }
        try database.cachedStatement(sql: "DELETE FROM part WHERE upload = ?").execute(arguments: [upload])
    }
}
