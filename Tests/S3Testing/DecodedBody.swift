package import S3Wire

/// What came of decoding an aws-chunked body.
package struct DecodedBody: Equatable {
    /// The bytes; none if the body was refused.
    package private(set) var plain: [UInt8] = []
    /// The fields of the trailer.
    package private(set) var trailer: [String] = []
    /// Why the body was refused.
    package private(set) var code: S3ErrorCode?

    /// Expects an outcome.
    ///
    /// - Parameters:
    ///   - plain: The bytes.
    ///   - trailer: The fields of the trailer.
    package init(plain: [UInt8], trailer: [String]) {
        (self.plain, self.trailer) = (plain, trailer)
    }

    /// Decodes a body that comes in pieces.
    ///
    /// - Parameters:
    ///   - body: The encoded body.
    ///   - size: Its declared plain size.
    ///   - signatures: Checks its chunks; nil if they carry no signatures.
    ///   - signsTrailer: Whether its trailer is signed.
    ///   - pieces: The most bytes of the next piece.
    package init(
        _ body: [UInt8],
        size: Int64,
        signatures: ChunkSignatures? = nil,
        signsTrailer: Bool = false,
        pieces: () -> Int
    ) {
        var decoder = ChunkedDecoder(size: size, signatures: signatures, signsTrailer: signsTrailer)
        do {
            var rest = body[...]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(max(1, pieces())))
                rest = rest.dropFirst(piece.count)
                let ranges = try piece.withUnsafeBytes { try decoder.decode($0) }
                for range in ranges { plain += piece[range] }
            }
            trailer = try decoder.finish().fields.map { "\($0.name)=\($0.value)" }
        } catch {
            (plain, trailer, code) = ([], [], (error as? S3RequestError)?.code)
        }
    }
}
