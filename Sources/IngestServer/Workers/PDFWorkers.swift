import Dispatch
import Glibc
package import MuPDF
package import NIOCore
import NIOPosix
import Synchronization

/// Threads that read PDFs, first come, first served, each by itself or by a process of its own.
package final class PDFWorkers: Sendable {
    /// Why a worker process was replaced by another.
    enum Restart: String, Sendable, CaseIterable {
        /// It died on a document, or by itself.
        case died
        /// A document took too long.
        case late
        /// It didn't heed a cancellation.
        case deaf
        /// What it said made no sense.
        case malformed
        /// It had read many documents, or kept too much memory.
        case recycled
        /// It could not be started.
        case failed
    }

    /// What the workers do now, and what became of those before them.
    struct Counts: Sendable, Equatable {
        var starting: Int
        var idle = 0
        var busy = 0
        var restarts: [Restart: Int] = [:]
    }

    private struct State {
        var counts: Counts
        /// Worker processes in a row that didn't get ready.
        var failures = 0
        /// The processes there are.
        var processes: Set<Int32> = []
    }

    /// Documents that wait.
    let queue: WorkQueue
    private let threads: NIOThreadPool
    private let extractor: PDFExtractor
    private let program: PDFWorkerProgram?
    private let documentsPerProcess: Int
    private let state: Mutex<State>

    /// Failures in a row that are no accident any more.
    private static let toleratedFailures = 3
    /// How long a process may take to get ready.
    private static let startLimit = TimeAmount.seconds(20)

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - count: How many documents are read at one time.
    ///   - extractor: Reads each of them.
    ///   - program: What reads them in processes of their own; nil reads them in this one.
    ///   - limit: How long a document may wait; nil is as long as it takes.
    ///   - documentsPerProcess: How many documents a process reads before it is replaced.
    package init(
        count: Int,
        extractor: PDFExtractor,
        program: PDFWorkerProgram?,
        limit: Duration?,
        documentsPerProcess: Int
    ) {
        queue = WorkQueue(limit: limit)
        threads = NIOThreadPool(numberOfThreads: count)
        self.extractor = extractor
        self.program = program
        self.documentsPerProcess = documentsPerProcess
        state = Mutex(State(counts: Counts(starting: count)))
        threads.start()
        for _ in 0..<count {
            threads.submit { [self] state in
                guard state == .active else { return }
                if let program { serve(by: program) } else { serve() }
            }
        }
    }

    /// What the workers do now.
    var counts: Counts { state.withLock { $0.counts } }

    /// The processes there are.
    package var processes: Set<Int32> { state.withLock { $0.processes } }

    /// Reads a document as soon as a worker is free.
    ///
    /// A cancelled task's document leaves the queue, or its reading ends.
    ///
    /// - Parameters:
    ///   - file: The PDF.
    ///   - timer: Gets the wait for a worker and the reading.
    /// - Returns: Everything in it.
    /// - Throws: ``PDFError``, ``IngestError`` or a cancellation.
    package func extract(_ file: ByteBuffer, timer: StageTimer) async throws -> PDFExtraction {
        let item = WorkItem(file, timer: timer, waitCounts: true)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                item.whenFinished { continuation.resume(with: $0) }
                queue.add(item)
            }
        } onCancel: {
            queue.cancel(item)
        }
    }

    /// Reads a document, and blocks the thread until that is done.
    ///
    /// - Parameters:
    ///   - file: The PDF.
    ///   - timer: Gets the reading.
    /// - Returns: Everything in it.
    /// - Throws: ``PDFError``, ``IngestError`` or a cancellation.
    func extractBlocking(_ file: ByteBuffer, timer: StageTimer) throws -> PDFExtraction {
        if program == nil { return try extractor.extract(file, timer: timer) }
        let done = DispatchSemaphore(value: 0)
        let result = Mutex<Result<PDFExtraction, any Error>>(.failure(CancellationError()))
        let item = WorkItem(file, timer: timer, waitCounts: false)
        item.whenFinished { outcome in
            result.withLock { $0 = outcome }
            done.signal()
        }
        queue.add(item)
        done.wait()
        return try result.withLock { try $0.get() }
    }

    /// Ends the threads, and their processes; documents that wait are cancelled.
    package func stop() async {
        queue.close()
        await withCheckedContinuation { stopped in
            // The pool reports no error that leaves threads behind.
            threads.shutdownGracefully { _ in stopped.resume() }
        }
    }

    /// A thread that reads documents itself.
    private func serve() {
        move(\.starting, \.idle)
        while !queue.isClosed {
            while let item = queue.take() {
                move(\.idle, \.busy)
                defer { move(\.busy, \.idle) }
                item.begin()
                let cancellation = PDFCancellation()
                item.cancellation.setAction { cancellation.cancel() }
                defer { item.cancellation.setAction(nil) }
                item.finish(
                    Result { try extractor.extract(item.file, cancellation: cancellation, timer: item.timer) }
                )
            }
            _ = queue.wait(orFor: nil)
        }
    }

    /// A thread with a process, and another one when that is gone.
    private func serve(by program: PDFWorkerProgram) {
        while !queue.isClosed {
            do throws(WorkerLoss) {
                let worker = try started(program)
                let process = worker.process
                state.withLock { _ = $0.processes.insert(process) }
                let restart = serve(by: worker)
                state.withLock { state in
                    state.processes.remove(process)
                    state.counts.starting += 1
                    if let restart { state.counts.restarts[restart, default: 0] += 1 }
                }
            } catch {
                pause(after: error)
            }
        }
        state.withLock { $0.counts.starting -= 1 }
    }

    private func started(_ program: PDFWorkerProgram) throws(WorkerLoss) -> SpawnedWorker {
        let worker = try SpawnedWorker(program)
        do throws(WorkerLoss) {
            try worker.prepare(extractor, until: .now() + Self.startLimit)
        } catch {
            worker.end(kindly: false)
            throw error
        }
        state.withLock { $0.failures = 0 }
        queue.refuse(nil)
        return worker
    }

    /// Waits before the next process is tried; where none is left, nobody is kept waiting for it.
    private func pause(after loss: WorkerLoss) {
        let (failures, hasOthers) = state.withLock { state in
            state.failures += 1
            state.counts.restarts[.failed, default: 0] += 1
            return (state.failures, state.counts.idle + state.counts.busy > 0)
        }
        guard failures >= Self.toleratedFailures else { return }
        if !hasOthers { queue.refuse(.noWorkers) }
        queue.waitForEnd(atMost: .seconds(min(30, 1 << min(5, failures - Self.toleratedFailures))))
    }

    /// Lets a process read documents until it is gone.
    ///
    /// - Returns: Why it is; nil at the queue's end.
    private func serve(by started: consuming SpawnedWorker) -> Restart? {
        var worker = started
        move(\.starting, \.idle)
        while !queue.isClosed {
            while let item = queue.take() {
                move(\.idle, \.busy)
                item.begin()
                do throws(WorkerLoss) {
                    let result = try read(item, &worker)
                    move(\.busy, \.idle)
                    item.finish(result.mapError { $0 })
                } catch {
                    state.withLock { $0.counts.busy -= 1 }
                    let signal = worker.end(kindly: false)
                    item.finish(.failure(error.upload(signal: signal, extractor.limits)))
                    return error.restart
                }
                guard isSpent(worker) else { continue }
                state.withLock { $0.counts.idle -= 1 }
                worker.end(kindly: true)
                return .recycled
            }
            guard queue.wait(orFor: worker.descriptor) else { continue }
            state.withLock { $0.counts.idle -= 1 }
            worker.end(kindly: false)
            return .died
        }
        state.withLock { $0.counts.idle -= 1 }
        worker.end(kindly: true)
        return nil
    }

    private func read(
        _ item: WorkItem,
        _ worker: inout SpawnedWorker
    ) throws(WorkerLoss) -> Result<PDFExtraction, PDFError> {
        let start = item.timer.time()
        defer { item.timer.record(.pdf, from: start) }
        let result = try worker.read(item, extractor.limits)
        if case .success(let document) = result { item.timer.record(document.timings) }
        return result
    }

    private func isSpent(_ worker: borrowing SpawnedWorker) -> Bool {
        Int(worker.documents) >= documentsPerProcess
            || worker.residentBytes > extractor.limits.maximumMemoryBytes / 2
    }

    private func move(_ from: WritableKeyPath<Counts, Int>, _ to: WritableKeyPath<Counts, Int>) {
        state.withLock { state in
            state.counts[keyPath: from] -= 1
            state.counts[keyPath: to] += 1
        }
    }
}

extension WorkerLoss {
    fileprivate var restart: PDFWorkers.Restart {
        switch self {
        case .notSpawned: .failed
        case .gone: .died
        case .late: .late
        case .deaf: .deaf
        case .malformed: .malformed
        }
    }

    /// The loss as the upload that met it reports it.
    fileprivate func upload(signal: Int32, _ limits: PDFLimits) -> any Error {
        switch self {
        case .gone where signal == SIGXCPU: PDFError.tooSlow(timeLimit: limits.timeLimit ?? .zero)
        case .late: PDFError.tooSlow(timeLimit: limits.timeLimit ?? .zero)
        case .deaf: CancellationError()
        case .gone where signal != 0: IngestError.pdfCrashed("by signal \(signal)")
        case .gone, .notSpawned: IngestError.pdfCrashed("without a word")
        case .malformed: IngestError.pdfCrashed("and spoke nonsense")
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
        timer.record(document.timings)
        return document
    }
}

extension StageTimer {
    fileprivate func record(_ timings: PDFTimings) {
        let stages: [(Stage, PDFSegment)] = [
            (.open, timings.open), (.text, timings.text), (.images, timings.images),
        ]
        for (stage, segment) in stages {
            let start = segment.startNanoseconds
            record(stage, from: start, to: start + segment.durationNanoseconds)
        }
    }
}
