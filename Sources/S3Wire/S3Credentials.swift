/// A key pair that signs requests, with the session token of temporary credentials.
///
/// It is not `Codable`, and its description shows four characters of the access key and nothing of
/// the secret, so that neither a log nor a saved run can carry it away.
public struct S3Credentials: Sendable, Hashable {
    /// The public half of the pair.
    public let accessKey: String
    /// The region the environment names, if any.
    public let region: String?
    package let secretKey: String
    package let sessionToken: String?

    /// Makes credentials from their parts.
    ///
    /// - Parameters:
    ///   - accessKey: The public half.
    ///   - secretKey: The secret half.
    ///   - sessionToken: The token of temporary credentials.
    ///   - region: The region that goes with them, if known.
    public init(accessKey: String, secretKey: String, sessionToken: String? = nil, region: String? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.region = region
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and `AWS_REGION`.
    ///
    /// - Parameter environment: The variables of the process.
    /// - Returns: The credentials.
    /// - Throws: ``S3WireError`` if a key is missing or empty.
    public static func fromEnvironment(_ environment: [String: String]) throws(S3WireError) -> S3Credentials {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let accessKey = value("AWS_ACCESS_KEY_ID") else {
            throw .credentialMissing(variable: "AWS_ACCESS_KEY_ID")
        }
        guard let secretKey = value("AWS_SECRET_ACCESS_KEY") else {
            throw .credentialMissing(variable: "AWS_SECRET_ACCESS_KEY")
        }
        return S3Credentials(
            accessKey: accessKey,
            secretKey: secretKey,
            sessionToken: value("AWS_SESSION_TOKEN"),
            region: value("AWS_REGION")
        )
    }

    /// Draws a new key pair.
    ///
    /// - Parameter generator: The source of randomness; for real use the system's.
    /// - Returns: A pair nobody else has.
    public static func random(using generator: inout some RandomNumberGenerator) -> S3Credentials {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        func draw(_ count: Int) -> String {
            String((0..<count).map { _ in letters[Int.random(in: letters.indices, using: &generator)] })
        }
        return S3Credentials(accessKey: "LITE" + draw(16), secretKey: draw(40))
    }
}

extension S3Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Four characters of the access key.
    public var description: String { "S3Credentials(\(accessKey.prefix(4))…)" }

    /// The same as the description.
    public var debugDescription: String { description }

    /// A mirror without children: `dump` shows no secret either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
