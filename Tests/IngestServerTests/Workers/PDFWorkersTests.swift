import MuPDF
import NIOCore
import Testing

@testable import IngestServer

/// Threads that read PDFs while others cancel and stop; scripts/test-sanitizers runs them under ThreadSanitizer.
@Suite(.timeLimit(.minutes(2)))
struct PDFWorkersTests {
    private enum Outcome {
        case read(pages: Int)
        case cancelled
        case failed(any Error)
    }

    private static let file = ByteBuffer(bytes: TestPDF.document(pages: 3, imagesPerPage: 2))

    private func workers(_ program: PDFWorkerProgram? = nil) -> PDFWorkers {
        PDFWorkers(
            count: 2,
            extractor: PDFExtractor(),
            program: program,
            limit: .seconds(60),
            documentsPerProcess: 1000
        )
    }

    /// Reads a document, and cancels that after a while.
    private func read(_ workers: PDFWorkers, yieldsBeforeCancelling: Int? = nil) async -> Outcome {
        let task = Task {
            try await workers.extract(Self.file, timer: StageTimer(zero: 0) { MonotonicClock.nanoseconds })
        }
        if let yieldsBeforeCancelling {
            for _ in 0..<yieldsBeforeCancelling { await Task.yield() }
            task.cancel()
        }
        do {
            return .read(pages: try await task.value.pageCount)
        } catch PDFError.cancelled {
            return .cancelled
        } catch is CancellationError {
            return .cancelled
        } catch {
            return .failed(error)
        }
    }

    @Test func `a document that is cancelled at any time ends once, and no other is harmed`() async {
        let workers = workers()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<90 {
                group.addTask {
                    let isCancelled = number % 3 == 0
                    switch await read(workers, yieldsBeforeCancelling: isCancelled ? number : nil) {
                    case .read(let pages): #expect(pages == 3)
                    case .cancelled: #expect(isCancelled)
                    case .failed(let error): Issue.record(error)
                    }
                }
            }
        }
        #expect(workers.queue.count == 0)
        await workers.stop()
    }

    @Test func `the end cancels what waits and lets what is being read come to its own`() async {
        let workers = workers()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    switch await read(workers) {
                    case .read(let pages): #expect(pages == 3)
                    case .cancelled: break
                    case .failed(let error): Issue.record(error)
                    }
                }
            }
            await group.next()
            await workers.stop()
        }
        #expect(workers.queue.count == 0)
    }

    /// It says that it is ready, takes everything and heeds nothing.
    @Test func `documents of processes that heed no cancellation end all the same`() async {
        let ready = #"printf '\002\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000' >&3"#
        let deaf = "trap '' USR1; \(ready); cat <&3 >/dev/null"
        let workers = workers(PDFWorkerProgram(path: "/bin/sh", arguments: ["-c", deaf]))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    guard case .cancelled = await read(workers, yieldsBeforeCancelling: 100 * number) else {
                        Issue.record("a document of a process that never answers was read")
                        return
                    }
                }
            }
        }
        #expect(workers.queue.count == 0)
        await workers.stop()
        #expect(workers.processes.isEmpty)
    }
}
