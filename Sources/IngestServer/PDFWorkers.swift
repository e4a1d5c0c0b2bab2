import MuPDF
import NIOCore
import NIOPosix

/// Threads that read PDFs, first come, first served.
///
/// The queue before them is bounded by the uploads that are admitted: nothing else hands them work.
final class PDFWorkers: Sendable {
    private let threads: NIOThreadPool
    private let extractor: PDFExtractor

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - count: How many documents are read at one time.
    ///   - extractor: Reads each of them.
    init(count: Int, extractor: PDFExtractor) {
        self.threads = NIOThreadPool(numberOfThreads: count)
        self.extractor = extractor
        threads.start()
    }

    /// Reads a document as soon as a thread is free.
    ///
    /// A cancelled task's document leaves the queue, or its reading ends.
    ///
    /// - Parameters:
    ///   - file: The PDF.
    ///   - timer: Gets the wait for a thread and the reading.
    /// - Returns: Everything in it.
    /// - Throws: ``PDFError``, or a cancellation.
    func extract(_ file: ByteBuffer, timer: StageTimer) async throws -> PDFExtraction {
        let cancellation = PDFCancellation()
        let extractor = extractor
        let queued = timer.time()
        return try await withTaskCancellationHandler {
            try await threads.runIfActive {
                timer.record(.queue, from: queued)
                return try extractor.extract(file, cancellation: cancellation, timer: timer)
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// Ends the threads; nobody may be waiting for one.
    func stop() async {
        await withCheckedContinuation { stopped in
            // The pool reports no error that leaves threads behind.
            threads.shutdownGracefully { _ in stopped.resume() }
        }
    }
}

extension PDFExtractor {
    /// Reads a document in the thread that calls.
    ///
    /// - Parameters:
    ///   - file: The PDF, read in place.
    ///   - cancellation: Ends the reading from elsewhere.
    ///   - timer: Gets the reading and its parts.
    /// - Returns: Everything in it.
    /// - Throws: ``PDFError``.
    func extract(
        _ file: ByteBuffer,
        cancellation: PDFCancellation = PDFCancellation(),
        timer: StageTimer
    ) throws -> PDFExtraction {
        let document = try timer.measure(.pdf) {
            try file.withUnsafeReadableBytes { try extract($0, cancellation: cancellation) }
        }
        timer.record(.open, document.timings.open)
        timer.record(.text, document.timings.text)
        timer.record(.images, document.timings.images)
        return document
    }
}

extension StageTimer {
    fileprivate func record(_ stage: Stage, _ segment: PDFSegment) {
        let start = segment.startNanoseconds
        record(stage, from: start, to: start + segment.durationNanoseconds)
    }
}
