import HTTPServing
import NIOCore
import S3Wire

/// Reads request bodies and believes nothing that is said of them.
struct BodyReception {
    let expectation: BodyExpectation
    /// Checks the chunks of an aws-chunked body.
    let chunks: ChunkSignatures?

    /// Writes a body to the store as it comes.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - store: Where the body goes.
    ///   - wanted: The checksum to compute if the body comes with none.
    /// - Returns: The body, verified.
    /// - Throws: ``S3RequestError`` if it is not what was announced; nothing is kept then.
    func store(
        _ exchange: inout HTTPExchange,
        in store: BodyStore,
        computing wanted: ChecksumAlgorithm? = nil
    ) async throws -> ReceivedBody {
        var reader = try PlainBodyReader(expectation, chunks)
        var sink = try await store.sink(size: expectation.size, plan: expectation.plan(computing: wanted))
        do {
            while let buffers = try await reader.next(&exchange) {
                for buffer in buffers {
                    guard sink.digest.byteCount + Int64(buffer.readableBytes) <= expectation.size else {
                        throw S3RequestError(.incompleteBody)
                    }
                    try await sink.write(buffer)
                }
            }
            try expectation.check(sink.digest, trailer: reader.finish())
            return try await sink.finish()
        } catch {
            await sink.discard()
            throw error
        }
    }

    /// Reads a small body, which is a document.
    ///
    /// - Parameter exchange: The request.
    /// - Returns: The bytes, verified; their number was bounded when the expectation was made.
    /// - Throws: ``S3RequestError`` if it is not what was announced.
    func collect(_ exchange: inout HTTPExchange) async throws -> [UInt8] {
        var reader = try PlainBodyReader(expectation, chunks)
        var digest = BodyDigest(expectation.plan())
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(expectation.size))
        while let buffers = try await reader.next(&exchange) {
            for buffer in buffers {
                guard Int64(bytes.count + buffer.readableBytes) <= expectation.size else {
                    throw S3RequestError(.incompleteBody)
                }
                buffer.withUnsafeReadableBytes { digest.update($0) }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        }
        try expectation.check(digest, trailer: reader.finish())
        return bytes
    }
}

/// Gives the plain bytes of a body, whatever encoding they come in.
private struct PlainBodyReader {
    private var decoder: ChunkedDecoder?

    init(_ expectation: BodyExpectation, _ chunks: ChunkSignatures?) throws(S3RequestError) {
        let payload = expectation.payload
        guard payload.isStreaming else { return }
        let isSigned = payload != .streamingUnsignedTrailer
        guard !isSigned || chunks != nil else {
            throw S3RequestError(.invalidRequest, "Chunks can be signed by Signature Version 4 only.")
        }
        decoder = ChunkedDecoder(
            size: expectation.size,
            signatures: isSigned ? chunks : nil,
            signsTrailer: payload == .streamingSignedTrailer
        )
    }

    /// Reads what comes next; nil at the end.
    mutating func next(_ exchange: inout HTTPExchange) async throws -> [ByteBuffer]? {
        guard let buffer = try await exchange.readBody() else { return nil }
        guard decoder != nil else { return [buffer] }
        let bytes = buffer.readableBytesView
        let ranges = try bytes.withUnsafeBytes { bytes throws(S3RequestError) in
            try decoder?.decode(bytes) ?? []
        }
        return ranges.compactMap {
            buffer.getSlice(at: buffer.readerIndex + $0.lowerBound, length: $0.count)
        }
    }

    /// Ends the body; the trailer's fields if there can be a trailer.
    mutating func finish() throws(S3RequestError) -> HeaderFields? { try decoder?.finish() }
}
