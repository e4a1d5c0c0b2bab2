import Curl

/// The tries of one call: makes each request, and says of its response what comes next.
///
/// The client between the two sends and waits, the one by blocking and the other by awaiting.
struct S3Tries<Answer> {
    /// What comes after a try.
    enum Step {
        /// The call is answered.
        case done(Answer)
        /// Another try, after this time.
        case wait(Duration)
    }

    private let call: S3Call<Answer>
    /// Whether the call was sent before, and may have been carried out.
    private(set) var isRepeated = false
    private let builder: S3RequestBuilder
    private let start = ContinuousClock.now
    private var policy: RetryPolicy

    /// Begins a call; its time runs from now.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - builder: Signs the requests.
    ///   - options: How patient the client is.
    init(of call: S3Call<Answer>, builder: S3RequestBuilder, options: S3ClientOptions) {
        self.call = call
        self.builder = builder
        policy = RetryPolicy(options)
    }

    /// Makes the request of the next try, which may take what is left of the call's time.
    ///
    /// - Returns: The request to send.
    func request() -> TransferRequest {
        builder.request(for: call, timeout: policy.timeLeft(after: ContinuousClock.now - start))
    }

    /// The call's answer if a refusal may mean that an earlier try had been carried out.
    ///
    /// A repeated `If-None-Match: *` meets the object that it stored itself.
    ///
    /// - Parameter error: Why the last try failed.
    /// - Returns: The tag the object then has, and the answer; nil if the refusal means nothing of the kind.
    func ownAnswer(to error: S3ClientError) -> (etag: String, answer: Answer)? {
        guard isRepeated, case .refused(let refusal) = error, refusal.status == 412 else { return nil }
        return call.own
    }

    /// Reads what came of a try.
    ///
    /// - Parameter result: What came of it.
    /// - Returns: The call's value, or how long to wait before the next try.
    /// - Throws: ``S3ClientError`` if another try would be in vain.
    mutating func judge(_ result: Result<TransferResponse, CurlError>) throws(S3ClientError) -> Step {
        var response: TransferResponse?
        do throws(S3ClientError) {
            switch result {
            case .success(let received):
                response = received
                return .done(try builder.answer(received, to: call))
            case .failure(let error): throw S3ClientError(error)
            }
        } catch {
            let delay = policy.delay(
                after: error,
                response: response,
                elapsed: ContinuousClock.now - start,
                builder: builder,
                jitter: evenJitter
            )
            guard let delay else { throw error }
            isRepeated = true
            return .wait(delay)
        }
    }
}
