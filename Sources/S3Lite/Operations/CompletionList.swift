import GRDB
import S3Wire

extension MultipartUploads {
    /// Finds an upload that is not complete yet.
    static func requireOpen(
        _ id: String,
        bucket: Bucket,
        key: [UInt8],
        _ database: Database
    ) throws -> StoredUpload {
        let upload = try UploadRows.require(id, bucket: bucket.id, key: key, in: database)
        guard upload.result == nil else {
            throw S3RequestError(.noSuchUpload, details: [.init("UploadId", id)])
        }
        return upload
    }
}

/// The parts a client wants its object made of.
struct CompletionList: Sendable {
    /// Room for ten thousand parts.
    static let maximumDocumentBytes: Int64 = 4 << 20

    private struct Entry: Sendable {
        let number: Int
        let etag: String
        let checksums: [String: String]
    }

    private let entries: [Entry]

    /// Reads a list.
    ///
    /// - Parameter document: The request's document.
    /// - Throws: ``S3RequestError``: MalformedXML or InvalidPartOrder.
    init(_ document: [UInt8]) throws(S3RequestError) {
        let root = try XMLElement(parsing: document)
        var entries: [Entry] = []
        for part in root.children("Part") {
            guard let number = part.childText("PartNumber").flatMap({ Int($0) }),
                let etag = part.childText("ETag")
            else { throw S3RequestError(.malformedXML) }
            guard number > entries.last?.number ?? 0 else { throw S3RequestError(.invalidPartOrder) }
            let checksums = part.children.filter { $0.name.hasPrefix("Checksum") }.map {
                (String($0.name.dropFirst("Checksum".count)), $0.text)
            }
            entries.append(
                Entry(
                    number: number,
                    etag: etag.filter { $0 != "\"" },
                    checksums: Dictionary(checksums) { first, _ in first }
                )
            )
        }
        guard root.name == "CompleteMultipartUpload", !entries.isEmpty else {
            throw S3RequestError(.malformedXML)
        }
        self.entries = entries
    }

    /// Picks the listed parts.
    ///
    /// - Parameters:
    ///   - parts: The parts that came.
    ///   - minimumPartSize: The smallest part but the last.
    /// - Returns: The parts of the object in order.
    /// - Throws: ``S3RequestError``: InvalidPart or EntityTooSmall.
    func choose(from parts: [StoredPart], minimumPartSize: Int64) throws(S3RequestError) -> [StoredPart] {
        let known = Dictionary(uniqueKeysWithValues: parts.map { ($0.number, $0) })
        var chosen: [StoredPart] = []
        for entry in entries {
            let part = known[entry.number]
            let checksum = part?.checksum.map { entry.checksums[$0.algorithm.rawValue] ?? $0.text }
            guard let part, part.etag == entry.etag, checksum == part.checksum?.text else {
                throw S3RequestError(
                    .invalidPart,
                    details: [.init("PartNumber", "\(entry.number)"), .init("ETag", entry.etag)]
                )
            }
            chosen.append(part)
        }
        for part in chosen.dropLast() where part.size < minimumPartSize {
            throw S3RequestError(
                .entityTooSmall,
                details: [
                    .init("PartNumber", "\(part.number)"), .init("ProposedSize", "\(part.size)"),
                    .init("MinSizeAllowed", "\(minimumPartSize)"),
                ]
            )
        }
        return chosen
    }

    /// The ETag of an object in parts: the MD5 of the parts' MD5s and their number.
    static func etag(of parts: [StoredPart]) throws(S3RequestError) -> String {
        var digest = BodyDigest(.init(wantsSHA256: false))
        for part in parts {
            guard let bytes = HexEncoding.decode(part.etag) else { throw S3RequestError(.internalError) }
            bytes.withUnsafeBytes { digest.update($0) }
        }
        return "\(HexEncoding.encode(digest.md5Bytes))-\(parts.count)"
    }
}
