import Foundation
import GRDB
import S3Wire

/// A multipart upload that was begun.
struct StoredUpload: Sendable {
    let id: String
    let bucket: Int64
    let key: [UInt8]
    let headers: ObjectHeaders
    let tags: ObjectTags
    /// The checksum its parts carry, if any.
    let checksum: ChecksumAlgorithm?
    /// What the checksum of the object will cover.
    let kind: StoredObject.ChecksumKind
    /// What became of the upload, once it is complete.
    var result: Result?

    /// What is answered to a completion, and to each repetition.
    struct Result: Sendable {
        let etag: String
        let checksum: StoredChecksum?
    }
}

/// An upload as a listing shows it.
struct ListedUpload: Sendable {
    let id: String
    let key: [UInt8]
    let started: S3Timestamp
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
            sql: """
                INSERT INTO upload(id, bucket, key, started, headers, tags, checksum, kind)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                upload.id, upload.bucket, Data(upload.key), started.milliseconds, upload.headers.column,
                upload.tags.column, upload.checksum?.rawValue, upload.kind.rawValue,
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
            sql: """
                SELECT headers, tags, checksum, kind, completed, result FROM upload
                WHERE id = ? AND bucket = ? AND key = ?
                """
        )
        guard let row = try Row.fetchOne(statement, arguments: [id, bucket, Data(key)]) else {
            throw S3RequestError(.noSuchUpload, details: [.init("UploadId", id)])
        }
        return StoredUpload(
            id: id,
            bucket: bucket,
            key: key,
            headers: ObjectHeaders(column: row[0]),
            tags: ObjectTags(column: row[1]),
            checksum: (row[2] as String?).flatMap { ChecksumAlgorithm(rawValue: $0) },
            kind: StoredObject.ChecksumKind(rawValue: row[3]) ?? .composite,
            result: (row[4] as String?).map { .init(etag: $0, checksum: StoredChecksum(column: row[5])) }
        )
    }

    /// Uploads under way behind a place, in order of keys and ids.
    static func open(
        bucket: Int64,
        from key: [UInt8],
        after id: String?,
        limit: Int,
        in database: Database
    ) throws -> [ListedUpload] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, key, started FROM upload
                WHERE bucket = ? AND completed IS NULL AND key >= ? AND (key > ? OR id > ?)
                ORDER BY key, id LIMIT ?
                """
        )
        return try Row.fetchAll(statement, arguments: [bucket, Data(key), Data(key), id ?? "", limit])
            .map { row in
                ListedUpload(
                    id: row[0],
                    key: [UInt8](row[1] as Data),
                    started: S3Timestamp(milliseconds: row[2])
                )
            }
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
        result: StoredUpload.Result,
        at time: S3Timestamp,
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        try releaseParts(of: upload, in: database, effects: &effects)
        try database.cachedStatement(
            sql: "UPDATE upload SET completed = ?, result = ?, ended = ? WHERE id = ?"
        ).execute(arguments: [result.etag, result.checksum?.column, time.milliseconds, upload])
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

    /// How long a completion is answered again: clients repeat it when they lost the answer.
    private static let repetitionMilliseconds: Int64 = 86_400_000

    /// Removes uploads nobody will complete any more, and those whose completion nobody will repeat.
    static func deleteStale(
        at time: S3Timestamp,
        age: Duration,
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        let oldest = time.milliseconds - Int64(age / .milliseconds(1))
        let stale = try String.fetchAll(
            try database.cachedStatement(
                sql: """
                    SELECT id FROM upload WHERE coalesce(ended, started) < ?
                    AND coalesce(ended, started) < CASE WHEN ended IS NULL THEN ? ELSE ? END
                    """
            ),
            arguments: [
                max(oldest, time.milliseconds - repetitionMilliseconds), oldest,
                time.milliseconds - repetitionMilliseconds,
            ]
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
