import S3Wire
import Synchronization

/// The wall clock, as far ahead as a test wants it.
final class MovableClock: Sendable {
    private let offset = Mutex<Int64>(0)

    /// The present moment, moved.
    var now: S3Timestamp {
        S3Timestamp(milliseconds: S3Timestamp.now().milliseconds + offset.withLock { $0 } * 1000)
    }

    /// How far it was moved.
    var aheadSeconds: Int64 { offset.withLock { $0 } }

    /// Moves the clock.
    func advance(seconds: Int64) { offset.withLock { $0 += seconds } }
}
