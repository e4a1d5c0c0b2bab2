import CLoopProbe
import Foundation
import Synchronization
import Testing

/// Descriptors that a blocking call waits for, closed at the end of the test.
final class TestFiles: Sendable {
    /// Where the calls read; its time-outs are far longer than any test.
    let input: Int32
    /// What is written here can be read there.
    let output: Int32
    /// One semaphore of System V at 0.
    let semaphores: Int32
    /// A queue of messages of System V.
    let queue: Int32
    /// A socket that takes one connection at a time.
    let listener: Int32

    init() {
        var pair: [Int32] = [-1, -1]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
        input = pair[0]
        output = pair[1]
        listener = Self.socket()
        for file in [input, listener] { Self.limit(file) }
        var address = sockaddr()
        address.sa_family = UInt16(AF_UNIX)
        // With the family alone, the kernel picks a name.
        bind(listener, &address, socklen_t(MemoryLayout<UInt16>.size))
        listen(listener, 0)
        typealias GetSemaphores = @convention(c) (Int32, Int32, Int32) -> Int32
        typealias GetQueue = @convention(c) (Int32, Int32) -> Int32
        semaphores = DynamicSymbol.function("semget", as: GetSemaphores.self)(0, 1, 0o600)
        queue = DynamicSymbol.function("msgget", as: GetQueue.self)(0, 0o600)
    }

    deinit {
        close(input)
        close(output)
        close(listener)
        typealias Control = @convention(c) (Int32, Int32, Int) -> Int32
        typealias SemaphoreControl = @convention(c) (Int32, Int32, Int32) -> Int32
        // IPC_RMID is 0.
        _ = DynamicSymbol.function("semctl", as: SemaphoreControl.self)(semaphores, 0, 0)
        _ = DynamicSymbol.function("msgctl", as: Control.self)(queue, 0, 0)
    }

    private static func socket() -> Int32 { Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }

    /// Gives a socket time-outs, without which a signal doesn't end its calls.
    private static func limit(_ file: Int32) {
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(file, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// Connects to the listener, which blocks while another connection waits there; then closes.
    ///
    /// - Parameter body: What to do while it is connected.
    /// - Returns: What the C function `connect` gave.
    func connect(_ body: () -> Void = {}) -> Int {
        let file = Self.socket()
        Self.limit(file)
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafeMutableBytes(of: &address) { bytes in
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            getsockname(listener, address, &size)
            let result = Foundation.connect(file, address, size)
            body()
            let errorNumber = errno
            close(file)
            errno = errorNumber
            return Int(result)
        }
    }

    /// Takes a connection and closes it.
    ///
    /// - Returns: 1, or what `accept` gave when it failed.
    func accept() -> Int {
        let file = Foundation.accept(listener, nil, nil)
        guard file >= 0 else { return Int(file) }
        close(file)
        return 1
    }

    /// Makes the input readable.
    func write() { _ = Foundation.write(output, "x", 1) }

    /// Adds to the semaphore; the C function is `semop`.
    func raiseSemaphore() { _ = change(by: 1) }

    /// Changes the semaphore and waits while it would be negative.
    ///
    /// - Parameter count: By how much.
    /// - Returns: What the C function `semop` gave.
    func change(by count: Int16) -> Int {
        typealias Operate = @convention(c) (Int32, UnsafeMutableRawPointer, Int) -> Int32
        // struct sembuf: number, operation, flags.
        var operation: [Int16] = [0, count, 0]
        return Int(DynamicSymbol.function("semop", as: Operate.self)(semaphores, &operation, 1))
    }

    /// Waits a minute for the semaphore.
    ///
    /// - Returns: What the C function `semtimedop` gave.
    func awaitSemaphore() -> Int {
        typealias Operate = @convention(c) (Int32, UnsafeMutableRawPointer, Int, UnsafeRawPointer) -> Int32
        var operation: [Int16] = [0, -1, 0]
        var limit = timespec(tv_sec: 60, tv_nsec: 0)
        return Int(DynamicSymbol.function("semtimedop", as: Operate.self)(semaphores, &operation, 1, &limit))
    }

    /// Sends a message of type 1.
    ///
    /// - Parameters:
    ///   - size: How many bytes it has.
    ///   - waits: Whether to wait for room.
    /// - Returns: What the C function `msgsnd` gave.
    @discardableResult
    func send(size: Int = 0, waits: Bool = true) -> Int {
        typealias Send = @convention(c) (Int32, UnsafeRawPointer, Int, Int32) -> Int32
        var message = [Int](repeating: 1, count: 1 + size / 8)
        let flags = waits ? 0 : Int32(IPC_NOWAIT)
        return Int(DynamicSymbol.function("msgsnd", as: Send.self)(queue, &message, size, flags))
    }

    /// Waits for a message.
    ///
    /// - Returns: What the C function `msgrcv` gave: the size of the message.
    func receive() -> Int {
        typealias Receive = @convention(c) (Int32, UnsafeMutableRawPointer, Int, Int, Int32) -> Int
        var message = [Int](repeating: 0, count: 1025)
        return DynamicSymbol.function("msgrcv", as: Receive.self)(queue, &message, 8192, 0, 0)
    }
}

/// What a call gave on its thread.
final class Outcome: Sendable {
    /// The value of errno before the call, which no call sets.
    static let untouched: Int32 = 4000

    private let state = Mutex<(result: Int, errorNumber: Int32)>((0, 0))

    /// The call's own result.
    var result: Int { state.withLock { $0.result } }

    /// The value of errno behind the call.
    var errorNumber: Int32 { state.withLock { $0.errorNumber } }

    /// Makes the call.
    ///
    /// - Parameter call: The call; it returns its result.
    func record(_ call: () -> Int) {
        errno = Self.untouched
        let result = call()
        let errorNumber = errno
        state.withLock { $0 = (result, errorNumber) }
    }
}

/// A blocking call that no kernel restarts after a signal handler.
struct ShieldedCall: Sendable, CustomTestStringConvertible {
    let name: String
    /// What it gives when it ends by itself.
    let expected: Int
    /// Makes the call, which blocks.
    let run: @Sendable (TestFiles) -> Int
    /// Lets it end.
    let finish: @Sendable (TestFiles, WatchedThread) -> Void
    /// Whether result and errno say that a signal ended it.
    let isInterrupted: @Sendable (Int, Int32) -> Bool

    var testDescription: String { name }

    init(
        _ name: String,
        gives expected: Int = 1,
        finish: @escaping @Sendable (TestFiles, WatchedThread) -> Void = { files, _ in files.write() },
        isInterrupted: @escaping @Sendable (Int, Int32) -> Bool = { $0 == -1 && $1 == EINTR },
        _ run: @escaping @Sendable (TestFiles) -> Int
    ) {
        self.name = name
        self.expected = expected
        self.run = run
        self.finish = finish
        self.isInterrupted = isInterrupted
    }
}
