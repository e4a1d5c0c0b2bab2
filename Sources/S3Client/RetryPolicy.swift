import Curl
import S3Wire

/// Decides whether a failed try is worth another, and when.
///
/// Backoff doubles from 50 ms to 5 s with full jitter: "Exponential Backoff And Jitter", AWS
/// Architecture Blog, 2015.
struct RetryPolicy {
    private static let firstDelay = Duration.milliseconds(50)
    private static let longestDelay = Duration.seconds(5)

    private let attempts: Int
    private let timeout: Duration
    private var failures = 0
    private var clockWasCorrected = false

    init(_ options: S3ClientOptions) {
        attempts = options.attempts
        timeout = options.timeout
    }

    /// What is left for another try.
    ///
    /// - Parameter elapsed: The time since the call began.
    /// - Returns: The time left.
    func timeLeft(after elapsed: Duration) -> Duration { max(.milliseconds(1), timeout - elapsed) }

    /// Decides about a failed try.
    ///
    /// - Parameters:
    ///   - error: Why it failed.
    ///   - response: The answer, if there was one.
    ///   - elapsed: The time since the call began.
    ///   - builder: Learns the store's clock where that was the reason.
    ///   - jitter: Picks a delay between zero and the one given.
    /// - Returns: How long to wait before the next try, or nil to give up.
    mutating func delay(
        after error: S3ClientError,
        response: TransferResponse?,
        elapsed: Duration,
        builder: S3RequestBuilder,
        jitter: (Duration) -> Duration
    ) -> Duration? {
        if case .refused(let refusal) = error, refusal.code == .requestTimeTooSkewed, let response {
            guard !clockWasCorrected, builder.correctClock(by: response) else { return nil }
            clockWasCorrected = true
            return .zero
        }
        failures += 1
        guard error.isRetryable, failures < attempts else { return nil }
        let backoff = min(Self.longestDelay, Self.firstDelay * (1 << min(failures - 1, 16)))
        let stated = response?.header("retry-after").flatMap { Int64($0) }.map { Duration.seconds($0) }
        let delay = stated ?? jitter(backoff)
        return elapsed + delay < timeout ? delay : nil
    }
}

extension S3ClientError {
    /// Says what a failed transfer means to a caller of the store.
    ///
    /// - Parameter error: What libcurl says.
    init(_ error: CurlError) {
        switch error {
        case .cancelled, .shutDown: self = .cancelled
        case .outOfMemory, .refused: self = .unusable(reason: error.message, hint: error.hint)
        case .system: self = .unusable(reason: error.message, hint: error.hint)
        case .responseTooLarge: self = .unanswered(reason: error.message, hint: nil, isRetryable: false)
        case .transfer(let failure) where failure.code == .timedOut: self = .timedOut(reason: error.message)
        case .transfer(let failure):
            let isFinal: Set<CurlCode> = [.unsupportedProtocol, .peerNotVerified, .tlsConnect]
            self = .unanswered(
                reason: error.message,
                hint: error.hint,
                isRetryable: !isFinal.contains(failure.code)
            )
        }
    }
}

/// A delay between zero and the longest, drawn evenly.
///
/// - Parameter longest: The longest delay.
/// - Returns: The delay.
func evenJitter(_ longest: Duration) -> Duration {
    longest * Double.random(in: 0...1)
}
