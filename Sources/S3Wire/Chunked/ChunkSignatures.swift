import Crypto

/// The signatures of an aws-chunked body, each of which covers the one before it.
///
/// AWS, "Signature calculations for the authorization header: transferring payload in multiple chunks":
/// the request's own signature is the seed, each chunk and the trailer are signed with the same key.
package struct ChunkSignatures: Sendable {
    private let key: SigningKey
    private let time: String
    private let scope: SigningScope
    private var previous: String

    /// Starts behind a request's head.
    ///
    /// - Parameters:
    ///   - key: The key that signed the head.
    ///   - time: The time of signing as the head states it.
    ///   - scope: Day and region of the signature.
    ///   - seed: The head's own signature.
    package init(key: SigningKey, time: String, scope: SigningScope, seed: String) {
        self.key = key
        self.time = time
        self.scope = scope
        previous = seed
    }

    /// Signs the next chunk.
    ///
    /// - Parameter hash: The SHA-256 of its plain bytes in hexadecimal.
    /// - Returns: Its signature.
    package mutating func sign(chunk hash: String) -> String {
        previous = key.signature(of: text("PAYLOAD", "\(PayloadHash.emptyText)\n\(hash)"))
        return previous
    }

    /// Checks the signature of the next chunk in constant time.
    ///
    /// - Parameters:
    ///   - signature: What the chunk carries.
    ///   - hash: The SHA-256 of its plain bytes in hexadecimal.
    /// - Returns: Whether the signature is the chunk's.
    package mutating func accepts(_ signature: String, chunk hash: String) -> Bool {
        let isRight = key.isSignature(
            signature,
            of: text("PAYLOAD", "\(PayloadHash.emptyText)\n\(hash)")
        )
        previous = signature
        return isRight
    }

    /// Signs the trailer.
    ///
    /// - Parameter trailer: Its lines in canonical form, `name:value` and a line feed each.
    /// - Returns: The signature.
    package func sign(trailer: String) -> String { key.signature(of: trailerText(trailer)) }

    /// Checks the trailer's signature in constant time.
    ///
    /// - Parameters:
    ///   - signature: What the trailer carries.
    ///   - trailer: Its lines in canonical form, `name:value` and a line feed each.
    /// - Returns: Whether the signature is the trailer's.
    package func accepts(_ signature: String, trailer: String) -> Bool {
        key.isSignature(signature, of: trailerText(trailer))
    }

    private func trailerText(_ trailer: String) -> String {
        text("TRAILER", HexEncoding.encode(Array(SHA256.hash(data: Array(trailer.utf8)))))
    }

    private func text(_ kind: String, _ hashes: String) -> String {
        "\(SigV4.algorithm)-\(kind)\n\(time)\n\(scope.text)\n\(previous)\n\(hashes)"
    }
}
