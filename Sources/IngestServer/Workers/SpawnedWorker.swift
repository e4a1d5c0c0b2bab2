import Glibc
import MuPDF
import NIOCore

/// The program of which worker processes are made.
package struct PDFWorkerProgram: Sendable {
    /// The file.
    package var path: String
    /// What it is told, beside its name.
    package var arguments: [String]

    /// Describes a program.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - arguments: What it is told, beside its name.
    package init(path: String, arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    /// The program that is running, whose file may have been replaced meanwhile.
    package static let running = PDFWorkerProgram(
        path: "/proc/self/exe",
        arguments: [PDFWorkerProcess.argument]
    )
}

/// Why a worker process is no longer one.
enum WorkerLoss: Error, Equatable {
    /// The kernel has no process or socket left.
    case notSpawned(number: Int32)
    /// It is gone.
    case gone
    /// It was ended since its time was over.
    case late
    /// It was ended since it didn't heed a cancellation.
    case deaf
    /// It was ended since what it said made no sense.
    case malformed
}

/// A process that reads PDFs for this one.
///
/// Belongs to the thread that spawned it: the process dies with that thread.
struct SpawnedWorker: ~Copyable {
    /// Its end of the socket: readable while no document is with the process, it is gone.
    let descriptor: Int32
    /// Its number for the kernel.
    let process: pid_t
    /// How many documents it was given.
    private(set) var documents: UInt32 = 0
    /// Its memory after the last document, in bytes.
    private(set) var residentBytes = 0

    /// Spawns a process, which is not ready yet.
    ///
    /// - Parameter program: The program.
    /// - Throws: ``WorkerLoss/notSpawned(number:)``.
    init(_ program: PDFWorkerProgram) throws(WorkerLoss) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw .notSpawned(number: errno) }
        defer { close(ends[1]) }
        var process: pid_t = 0
        let number = spawn(program, socket: ends[1], &process)
        guard number == 0 else {
            close(ends[0])
            throw .notSpawned(number: number)
        }
        self.descriptor = ends[0]
        self.process = process
    }

    /// Tells the process what it has to know, and waits until it is ready.
    ///
    /// - Parameters:
    ///   - extractor: How it reads documents.
    ///   - end: When to give up.
    /// - Throws: ``WorkerLoss``.
    func prepare(_ extractor: PDFExtractor, until end: NIODeadline) throws(WorkerLoss) {
        let socket = WorkerSocket(descriptor: descriptor, end: end, cancellation: nil)
        let payload = extractor.workerPayload
        try socket.send(WorkerMessage(.limits, length: payload.count).head + payload)
        guard try socket.receiveMessage() == WorkerMessage(.ready, length: 0) else { throw .malformed }
    }

    /// Lets the process read a document.
    ///
    /// - Parameters:
    ///   - item: The document.
    ///   - limits: What the process was told that it may use.
    /// - Returns: Everything in it, or why there is nothing.
    /// - Throws: ``WorkerLoss``; then the process must be ended.
    mutating func read(
        _ item: WorkItem,
        _ limits: PDFLimits
    ) throws(WorkerLoss) -> Result<PDFExtraction, PDFError> {
        documents += 1
        let (number, process) = (documents, process)
        // The process ends a document by itself; it has a second more than it needs for that.
        let end = limits.timeLimit.map { NIODeadline.now() + TimeAmount($0) + .seconds(1) }
        let socket = WorkerSocket(descriptor: descriptor, end: end, cancellation: item.cancellation)
        item.cancellation.setAction { ConfinedProcess.cancel(document: number, of: process) }
        defer { item.cancellation.setAction(nil) }
        try socket.send(WorkerMessage(.document, number: number, length: item.file.readableBytes).head)
        try socket.send(item.file)
        let message = try socket.receiveMessage()
        guard message.number == number else { throw .malformed }
        do throws(WorkerMessage.Malformed) {
            switch message.kind {
            case .failure where message.length <= WorkerFailure.largestPayload:
                let payload = try socket.answered(message.length)
                return .failure(try WorkerFailure.error(payload: payload, limits: limits))
            case .answer where message.length <= WorkerAnswer.largestPayload(limits):
                let payload = try socket.answered(message.length)
                let answer = try WorkerAnswer(payload: payload, within: limits)
                residentBytes = answer.residentBytes
                return .success(try socket.document(answer))
            default: throw WorkerMessage.Malformed()
            }
        } catch {
            throw socket.loss ?? .malformed
        }
    }

    /// Ends the process and waits until it is gone.
    ///
    /// - Parameter kindly: Whether it may end by itself, having no document; one that doesn't is killed.
    /// - Returns: The signal that ended it; 0 if none did.
    @discardableResult
    consuming func end(kindly: Bool) -> Int32 {
        if kindly {
            shutdown(descriptor, Int32(SHUT_RDWR))
        } else {
            kill(process, SIGKILL)
        }
        defer { close(descriptor) }
        var status: Int32 = 0
        if kindly, waited(for: process, &status, milliseconds: 2000) { return status & 0x7f }
        kill(process, SIGKILL)
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f
    }
}

/// Waits for a process that is about to end by itself.
private func waited(for process: pid_t, _ status: inout Int32, milliseconds: Int) -> Bool {
    for _ in 0..<milliseconds {
        if waitpid(process, &status, WNOHANG) == process { return true }
        usleep(1000)
    }
    return false
}

/// Runs a program with one end of a socket, and nothing else of this process.
private func spawn(_ program: PDFWorkerProgram, socket: Int32, _ process: inout pid_t) -> Int32 {
    // No credentials. A crash is told by the signal; the runtime's own report would take seconds.
    var environment = ["SWIFT_BACKTRACE=enable=no"]
    if let path = getenv("LD_LIBRARY_PATH") {
        environment.append("LD_LIBRARY_PATH=\(String(cString: path))")
    }
    return ConfinedProcess.spawn(
        program.path,
        arguments: ["ingest-bench"] + program.arguments,
        environment: environment,
        socket: socket,
        &process
    )
}
