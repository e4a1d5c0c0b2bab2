import GRDB
import S3Wire

/// The object a copy is made of, as `x-amz-copy-source` and its conditions name it.
struct CopySource: Sendable {
    let bucket: Bucket
    let key: [UInt8]
    private let conditions: Conditions
    private let store: ObjectStore

    /// Reads the headers.
    ///
    /// - Parameters:
    ///   - header: The value of `x-amz-copy-source`: bucket and key, percent-encoded.
    ///   - headers: All headers of the request.
    ///   - store: Where the source lies.
    /// - Throws: ``S3RequestError``: InvalidArgument, NoSuchBucket or NoSuchVersion.
    init(_ header: String, headers: HeaderFields, store: ObjectStore) throws(S3RequestError) {
        let path = header.utf8.prefix { $0 != UInt8(ascii: "?") }
        let version = header.utf8.dropFirst(path.count)
        guard version.isEmpty || version.elementsEqual("?versionId=null".utf8) else {
            throw S3RequestError(.noSuchVersion)
        }
        let malformed = S3RequestError(
            .invalidArgument,
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
        )
        guard let decoded = PercentEncoding.decode(path) else { throw malformed }
        let plain = decoded.first == UInt8(ascii: "/") ? decoded.dropFirst() : decoded[...]
        guard let slash = plain.firstIndex(of: UInt8(ascii: "/")), slash + 1 < plain.endIndex else {
            throw malformed
        }
        bucket = try store.bucket(String(decoding: plain[..<slash], as: UTF8.self))
        key = Array(plain[(slash + 1)...])
        conditions = Conditions(headers: Self.ownConditions(headers))
        self.store = store
    }

    /// The four conditions on the source, under the names they have on a read.
    private static func ownConditions(_ headers: HeaderFields) -> HeaderFields {
        var own = HeaderFields()
        let prefix = "x-amz-copy-source-"
        for field in headers.fields where field.name.hasPrefix(prefix + "if-") {
            own.append(String(field.name.dropFirst(prefix.count)), field.value)
        }
        return own
    }

    /// Finds the object and checks its conditions.
    ///
    /// - Parameter database: A connection.
    /// - Returns: The object.
    /// - Throws: ``S3RequestError``: NoSuchKey or PreconditionFailed.
    func find(in database: Database) throws -> StoredObject {
        guard let object = try ObjectRows.object(bucket: bucket.id, key: key, in: database) else {
            throw S3RequestError(
                .noSuchKey,
                details: [.init("Key", String(decoding: key, as: UTF8.self))]
            )
        }
        do {
            try conditions.checkRead(of: object)
        } catch let error where error.code == .notModified {
            throw S3RequestError(.preconditionFailed)
        }
        return object
    }

    /// Opens the bytes of the object.
    ///
    /// - Parameter text: The value of `x-amz-copy-source-range`, exactly `bytes=a-b`; nil for the whole.
    /// - Returns: The pieces the range lies in.
    /// - Throws: ``S3RequestError``, or what the store says.
    func open(range text: String?) async throws -> [S3Response.StoredPiece] {
        try await store.open { database in
            let object = try find(in: database)
            let offsets = try Self.offsets(text, in: object)
            return ((), try BodyPiece.pieces(of: object, range: offsets, in: database))
        }.1
    }

    private static func offsets(_ text: String?, in object: StoredObject) throws(S3RequestError) -> Range<
        Int64
    > {
        guard let text else { return 0..<object.size }
        guard case .from(let first, to: let last?) = ByteRange(text), last < object.size else {
            throw S3RequestError(
                .invalidArgument,
                "The x-amz-copy-source-range value must be of the form bytes=first-last, within the source.",
                details: [
                    .init("ArgumentName", "x-amz-copy-source-range"), .init("ArgumentValue", text),
                ]
            )
        }
        return first..<last + 1
    }
}
