import Crypto
import Synchronization

/// What a signing key is good for: one day, one region, the service S3.
package struct SigningScope: Sendable, Hashable {
    /// The day as `20130524`.
    package let date: String
    /// The region.
    package let region: String

    /// Names a scope.
    ///
    /// - Parameters:
    ///   - date: The day as `20130524`.
    ///   - region: The region.
    package init(date: String, region: String) {
        self.date = date
        self.region = region
    }

    /// The scope as it stands in `Credential=` after the access key.
    package var text: String { "\(date)/\(region)/s3/aws4_request" }
}

/// The key of one scope, derived from a secret by four MACs.
package struct SigningKey: Sendable {
    private let key: SymmetricKey

    /// Derives the key of a scope.
    ///
    /// - Parameters:
    ///   - secret: The secret key.
    ///   - scope: Day and region.
    package init(secret: String, scope: SigningScope) {
        var key = Array("AWS4\(secret)".utf8)
        for part in [scope.date, scope.region, "s3", "aws4_request"] {
            let code = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: SymmetricKey(data: key))
            key = Array(code)
        }
        self.key = SymmetricKey(data: key)
    }

    /// Signs a text.
    ///
    /// - Parameter text: The string to sign.
    /// - Returns: The signature, 64 lower-case hexadecimal digits.
    package func signature(of text: String) -> String {
        HexEncoding.encode(Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)))
    }

    /// Checks a signature in constant time.
    ///
    /// - Parameters:
    ///   - signature: What the request carries.
    ///   - text: The string to sign.
    /// - Returns: Whether the signature is the text's; false unless it is 64 lower-case hexadecimal digits.
    package func isSignature(_ signature: String, of text: String) -> Bool {
        guard HexEncoding.isLowerCase(signature, count: 64) else { return false }
        var difference: UInt8 = 0
        for (given, expected) in zip(signature.utf8, self.signature(of: text).utf8) {
            difference |= given ^ expected
        }
        return difference == 0
    }
}

/// Keeps derived keys, for a derivation costs four times what a signature does.
package final class SigningKeyCache: Sendable {
    private struct Entry: Hashable {
        let accessKey: String
        let scope: SigningScope
    }

    /// A service sees one or two days and regions a key pair; a flood of others empties the cache.
    private static let capacity = 64

    private let keys = Mutex<[Entry: SigningKey]>([:])

    /// Makes an empty cache.
    package init() {}

    /// The key of a scope, derived at first use.
    ///
    /// - Parameters:
    ///   - credentials: The key pair.
    ///   - scope: Day and region.
    /// - Returns: The signing key.
    package func key(for credentials: S3Credentials, scope: SigningScope) -> SigningKey {
        let entry = Entry(accessKey: credentials.accessKey, scope: scope)
        return keys.withLock { keys in
            if let key = keys[entry] { return key }
            if keys.count >= Self.capacity { keys.removeAll() }
            let key = SigningKey(secret: credentials.secretKey, scope: scope)
            keys[entry] = key
            return key
        }
    }
}
