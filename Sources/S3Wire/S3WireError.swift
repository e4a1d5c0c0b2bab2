/// What can be wrong with the settings a client starts from.
public enum S3WireError: Error, Sendable, Equatable {
    /// An environment variable that must hold a key is missing or empty.
    case credentialMissing(variable: String)
    /// A text is not the address of an S3 endpoint.
    case endpointMalformed(text: String)

    /// What went wrong, in lower case.
    public var message: String {
        switch self {
        case .credentialMissing(let variable): "no \(variable) in the environment"
        case .endpointMalformed(let text): "\"\(text)\" is not the address of an S3 endpoint"
        }
    }

    /// What to try.
    public var hint: String? {
        switch self {
        case .credentialMissing: "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        case .endpointMalformed: "write scheme, host and port only: http://127.0.0.1:9000"
        }
    }
}
