import Foundation
import GRDB
import S3Wire

/// One page of a bucket's keys in byte order.
struct KeyListing: Sendable {
    /// What to list.
    struct Query: Sendable {
        var prefix: [UInt8] = []
        /// Empty for none.
        var delimiter: [UInt8] = []
        /// List only what comes after this key; a common prefix equal to it is left out too.
        var after: [UInt8] = []
        /// Continue exactly here: what a continuation token says.
        var from: [UInt8] = []
        var limit = 1000
    }

    /// One object of the page.
    struct Entry: Sendable {
        let key: [UInt8]
        let size: Int64
        let etag: String
        let modified: S3Timestamp
        let checksum: StoredChecksum?
        let storageClass: String
    }

    private(set) var entries: [Entry] = []
    private(set) var commonPrefixes: [[UInt8]] = []
    /// Where the next page starts; nil if this is the last.
    private(set) var next: [UInt8]?
    /// The last key or common prefix of the page, which names the next page in version 1.
    private(set) var last: [UInt8] = []

    /// Reads a page, seeking past each common prefix instead of reading its keys.
    ///
    /// - Parameters:
    ///   - bucket: The bucket's id.
    ///   - query: What to list.
    ///   - database: A connection.
    /// - Throws: What SQLite says.
    init(bucket: Int64, query: Query, in database: Database) throws {
        var position = Self.latest(query.prefix, query.from, Self.justAfter(query.after))
        let end = Self.pastPrefix(query.prefix)
        guard query.limit > 0 else { return }
        while let start = try readRun(bucket: bucket, from: position, to: end, query, in: database) {
            position = start
        }
    }

    private var count: Int { entries.count + commonPrefixes.count }

    /// Reads up to the next common prefix.
    ///
    /// - Returns: Where to go on, or nil if the page or the bucket is at its end.
    private mutating func readRun(
        bucket: Int64,
        from start: [UInt8],
        to end: [UInt8]?,
        _ query: Query,
        in database: Database
    ) throws -> [UInt8]? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT key, size, etag, modified, checksum, headers FROM object
                WHERE bucket = ? AND key >= ? AND (? IS NULL OR key < ?) ORDER BY key LIMIT ?
                """
        )
        let bound = end.map { Data($0) }
        let rows = try Row.fetchCursor(
            statement,
            arguments: [bucket, Data(start), bound, bound, query.limit - count + 1]
        )
        while let row = try rows.next() {
            let key = [UInt8](row[0] as Data)
            let prefix = Self.commonPrefix(of: key, query.prefix, query.delimiter)
            let skips = prefix != nil && prefix == query.after
            if count == query.limit && !skips {
                next = key
                return nil
            }
            if let prefix {
                if !skips {
                    commonPrefixes.append(prefix)
                    last = prefix
                }
                return Self.pastPrefix(prefix)
            }
            last = key
            entries.append(
                Entry(
                    key: key,
                    size: row[1],
                    etag: row[2],
                    modified: S3Timestamp(milliseconds: row[3]),
                    checksum: StoredChecksum(column: row[4]),
                    storageClass: Self.storageClass(row[5])
                )
            )
        }
        return nil
    }

    /// The part of a key up to the first delimiter after the prefix.
    ///
    /// - Parameters:
    ///   - key: A key that starts with the prefix.
    ///   - prefix: The prefix.
    ///   - delimiter: The delimiter; empty for none.
    /// - Returns: The common prefix; nil if the key is listed by itself.
    static func commonPrefix(of key: [UInt8], _ prefix: [UInt8], _ delimiter: [UInt8]) -> [UInt8]? {
        guard !delimiter.isEmpty else { return nil }
        let rest = key[prefix.count...]
        guard let range = rest.firstRange(of: delimiter) else { return nil }
        return Array(key[..<range.upperBound])
    }

    /// The storage class among an object's headers; most have none.
    private static func storageClass(_ headers: String) -> String {
        headers.contains("x-amz-storage-class") ? ObjectHeaders(column: headers).storageClass : "STANDARD"
    }

    /// The first possible key after a key; nothing at all comes before the empty one.
    private static func justAfter(_ key: [UInt8]) -> [UInt8] {
        key.isEmpty ? [] : key + [0]
    }

    /// The first possible key after all that start with a prefix; nil if there is none.
    private static func pastPrefix(_ prefix: [UInt8]) -> [UInt8]? {
        guard let index = prefix.lastIndex(where: { $0 < 0xFF }) else { return nil }
        return prefix[..<index] + [prefix[index] + 1]
    }

    private static func latest(_ keys: [UInt8]...) -> [UInt8] {
        keys.dropFirst().reduce(keys[0]) { $0.lexicographicallyPrecedes($1) ? $1 : $0 }
    }
}
