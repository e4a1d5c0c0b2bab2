import HTTPServing
import NIOCore
import S3Wire

/// Reads request bodies and believes nothing that is said of them.
struct BodyReception {
    let expectation: BodyExpectation

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
        var sink = try await store.sink(size: expectation.size, plan: expectation.plan(computing: wanted))
        do {
            while let buffer = try await exchange.readBody() {
                guard sink.digest.byteCount + Int64(buffer.readableBytes) <= expectation.size else {
                    throw S3RequestError(.incompleteBody)
                }
                try await sink.write(buffer)
            }
            try expectation.check(sink.digest)
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
        var digest = BodyDigest(expectation.plan())
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(expectation.size))
        while let buffer = try await exchange.readBody() {
            guard bytes.count + buffer.readableBytes <= expectation.size else {
                throw S3RequestError(.incompleteBody)
            }
            buffer.withUnsafeReadableBytes { digest.update($0) }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        try expectation.check(digest)
        return bytes
    }
}
