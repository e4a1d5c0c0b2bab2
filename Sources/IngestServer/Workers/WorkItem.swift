import MuPDF
import NIOCore
import Synchronization

/// A document that is to be read.
final class WorkItem: Sendable {
    /// The PDF.
    let file: ByteBuffer
    /// Gets every stage.
    let timer: StageTimer
    /// Ends the work.
    let cancellation = WorkCancellation()
    /// When it was made, on the timer's clock.
    let made: UInt64
    /// Whether the wait for a worker is a stage of the upload.
    private let waitCounts: Bool
    private let finished = Mutex<(@Sendable (Result<PDFExtraction, any Error>) -> Void)?>(nil)

    /// Describes a document.
    ///
    /// - Parameters:
    ///   - file: The PDF.
    ///   - timer: Gets every stage.
    ///   - waitCounts: Whether the wait for a worker is a stage of the upload.
    init(_ file: ByteBuffer, timer: StageTimer, waitCounts: Bool) {
        self.file = file
        self.timer = timer
        self.waitCounts = waitCounts
        made = timer.time()
    }

    /// Says who wants to know what comes of it.
    ///
    /// - Parameter action: Called once.
    func whenFinished(_ action: @escaping @Sendable (Result<PDFExtraction, any Error>) -> Void) {
        finished.withLock { $0 = action }
    }

    /// Notes that a worker has it.
    func begin() {
        if waitCounts { timer.record(.queue, from: made) }
    }

    /// Ends the item; whoever took it out of the queue does that.
    ///
    /// - Parameter result: What came of it.
    func finish(_ result: Result<PDFExtraction, any Error>) {
        finished.withLock { $0.take() }?(result)
    }
}
