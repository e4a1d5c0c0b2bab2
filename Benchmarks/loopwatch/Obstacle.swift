import Foundation
import IngestServer
import Synchronization

/// What blockers run into: locks that another thread holds, a silent pipe, a slow server and a large document.
///
/// All of it gives way when the gate opens, so that each blocks for as long as it takes to be seen.
final class Obstacle: Sendable {
    /// Opens when the detector has its stacks.
    let gate = SampleGate()
    /// The document, as a PDF.
    let document: [UInt8]
    /// A lock of the system's.
    ///
    /// Made once and never moved; only the functions for locks touch it.
    nonisolated(unsafe) let systemLock: UnsafeMutablePointer<pthread_mutex_t>
    /// A lock of Foundation's.
    let foundationLock = NSLock()
    /// A lock of the standard library's.
    let standardLock = Mutex(0)
    /// The end of a pipe to read from.
    let input: Int32
    /// Where the slow server listens.
    var port: Int { server.port }

    private let output: Int32
    private let server: SlowServer
    private let lines = Mutex(0...0)

    /// Makes everything.
    ///
    /// - Throws: What the system says.
    init() throws {
        document = try SamplePDF(pages: 10, imagesPerPage: 1).data()
        systemLock = .allocate(capacity: 1)
        pthread_mutex_init(systemLock, nil)
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Connection.Failure(number: errno) }
        (input, output) = (ends[0], ends[1])
        server = try SlowServer()
    }

    /// Where the calls stand that the blocker at work blocks in.
    var callLines: ClosedRange<Int> { lines.withLock { $0 } }

    /// Notes where a blocker calls what blocks it; an atomic store would be as much of a call in a debug build.
    ///
    /// - Parameter lines: The lines.
    func isMet(at lines: ClosedRange<Int>) { self.lines.withLock { $0 = lines } }

    /// Puts everything in the way, until the gate opens.
    func rise() {
        let isSeen = DispatchSemaphore(value: 0)
        let isHeld = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            pthread_mutex_lock(systemLock)
            foundationLock.lock()
            standardLock.withLock { _ in
                isHeld.signal()
                isSeen.wait()
            }
            foundationLock.unlock()
            pthread_mutex_unlock(systemLock)
        }
        isHeld.wait()
        gate.close { [output, server] in
            _ = write(output, "!", 1)
            server.answerNext()
            isSeen.signal()
        }
    }

    /// Takes away what is left: the byte that nobody read.
    func fall() {
        var byte: UInt8 = 0
        _ = read(input, &byte, 1)
        // Whoever held the locks may be about to let go of them.
        pthread_mutex_lock(systemLock)
        pthread_mutex_unlock(systemLock)
    }
}

/// An HTTP server that answers when it is told to.
final class SlowServer: Sendable {
    /// Where it listens on this machine.
    let port: Int
    private let mayAnswer = DispatchSemaphore(value: 0)

    /// Starts it, for as long as the process runs.
    ///
    /// - Throws: What the system says.
    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) != 0 || listen(listener, 8) != 0
                    || getsockname(listener, address, &size) != 0
            }
        }
        guard !failed else { throw Connection.Failure(number: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [mayAnswer] in
            while true { Self.serve(listener, mayAnswer) }
        }
    }

    /// Answers the request that waits, or the next one.
    func answerNext() { mayAnswer.signal() }

    private static func serve(_ listener: Int32, _ mayAnswer: DispatchSemaphore) {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 4096)
        _ = recv(connection, &bytes, bytes.count, 0)
        // Only those count that were given while a request waits: other blockers leave theirs behind.
        while mayAnswer.wait(timeout: .now()) == .success {}
        mayAnswer.wait()
        let answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
        _ = send(connection, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
        close(connection)
    }
}
