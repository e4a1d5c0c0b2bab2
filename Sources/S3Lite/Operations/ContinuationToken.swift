import S3Wire

/// Where a listing goes on, as a text that means nothing to clients.
enum ContinuationToken {
    /// Writes a token.
    ///
    /// - Parameter position: The first possible key of the next page.
    /// - Returns: The token.
    static func write(_ position: [UInt8]) -> String {
        Base64Encoding.encode(seal(position) + position)
    }

    /// Reads a token that was written here.
    ///
    /// - Parameter token: The token.
    /// - Returns: The position.
    /// - Throws: ``S3RequestError`` (InvalidArgument) for any other text.
    static func read(_ token: String) throws(S3RequestError) -> [UInt8] {
        guard let bytes = Base64Encoding.decode(token), bytes.count > 4 else { throw Self.forged }
        let position = Array(bytes[4...])
        guard seal(position) == Array(bytes[..<4]) else { throw Self.forged }
        return position
    }

    private static var forged: S3RequestError {
        S3RequestError(.invalidArgument, "The continuation token provided is incorrect")
    }

    private static func seal(_ position: [UInt8]) -> [UInt8] {
        let sum = position.withUnsafeBytes { CyclicRedundancyChecks.crc32c.update(0, $0) }
        return withUnsafeBytes(of: sum.bigEndian) { Array($0) }
    }
}
