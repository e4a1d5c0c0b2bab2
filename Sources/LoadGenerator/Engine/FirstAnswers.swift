import Measurements
import Synchronization

/// The first answer to each kind of failure of a run.
final class FirstAnswers: Sendable {
    /// Failures that are alike.
    struct Key: Hashable, Sendable {
        let target: String
        let outcome: Outcome
        let status: Int32
    }

    private let answers = Mutex<[Key: String]>([:])

    /// Keeps an answer if it is the first of its kind.
    ///
    /// - Parameters:
    ///   - bytes: The beginning of the answer's body.
    ///   - key: What it answered.
    func keep(_ bytes: UnsafeRawBufferPointer, for key: Key) {
        answers.withLock { answers in
            if answers[key] == nil { answers[key] = String(decoding: bytes, as: UTF8.self) }
        }
    }

    /// The first answer of a kind.
    ///
    /// - Parameter key: The kind.
    /// - Returns: The beginning of its body; empty without one.
    func answer(to key: Key) -> String {
        answers.withLock { $0[key] ?? "" }
    }
}
