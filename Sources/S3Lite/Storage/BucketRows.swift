import GRDB
import S3Wire

/// The rows of buckets.
enum BucketRows {
    /// All buckets by name.
    static func all(in database: Database) throws -> [Bucket] {
        try Row.fetchAll(
            database.cachedStatement(sql: "SELECT id, name, created, location FROM bucket ORDER BY name")
        )
        .map { row in
            Bucket(
                id: row[0],
                name: row[1],
                created: S3Timestamp(milliseconds: row[2]),
                location: row[3]
            )
        }
    }

    /// Adds a bucket unless it exists.
    static func insert(name: String, created: S3Timestamp, location: String, in database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT INTO bucket(name, created, location) VALUES(?, ?, ?) ON CONFLICT DO NOTHING"
        ).execute(arguments: [name, created.milliseconds, location])
    }

    /// The tags of a bucket; nil if none were ever set.
    static func tags(of bucket: Bucket, in database: Database) throws -> ObjectTags? {
        let statement = try database.cachedStatement(sql: "SELECT tags FROM bucket WHERE id = ?")
        let column = try String.fetchOne(statement, arguments: [bucket.id]) ?? ""
        return column.isEmpty ? nil : ObjectTags(column: column)
    }

    /// Replaces the tags of a bucket.
    static func setTags(_ tags: ObjectTags, of bucket: Bucket, in database: Database) throws {
        try require(bucket, in: database)
        try database.cachedStatement(sql: "UPDATE bucket SET tags = ? WHERE id = ?")
            .execute(arguments: [tags.column, bucket.id])
    }

    /// Makes sure, within a commit, that a bucket was not deleted since the request began.
    static func require(_ bucket: Bucket, in database: Database) throws {
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM bucket WHERE id = ?")
        guard try Int.fetchOne(statement, arguments: [bucket.id]) != nil else {
            throw S3RequestError(.noSuchBucket, details: [.init("BucketName", bucket.name)])
        }
    }

    /// Removes a bucket that holds no objects, and the uploads begun in it.
    static func delete(
        _ bucket: Bucket,
        in database: Database,
        effects: inout GroupCommitWriter.Effects
    ) throws {
        try require(bucket, in: database)
        let object = try database.cachedStatement(sql: "SELECT 1 FROM object WHERE bucket = ? LIMIT 1")
        guard try Int.fetchOne(object, arguments: [bucket.id]) == nil else {
            throw S3RequestError(.bucketNotEmpty, details: [.init("BucketName", bucket.name)])
        }
        let uploads = try String.fetchAll(
            database,
            sql: "SELECT id FROM upload WHERE bucket = ?",
            arguments: [bucket.id]
        )
        for upload in uploads { try UploadRows.delete(upload, in: database, effects: &effects) }
        try database.cachedStatement(sql: "DELETE FROM bucket WHERE id = ?").execute(arguments: [bucket.id])
    }
}
