import Foundation
import Synchronization

/// A client's connection that waits for its answer.
struct Connection: Sendable {
    /// The system refused; the value is its number for why.
    struct Failure: Error { let number: Int32 }

    private static let size = 100
    private let socket: Int32

    /// Connects to a port of this machine.
    ///
    /// - Parameter port: The port.
    /// - Throws: ``Failure``.
    init(port: Int) throws {
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(number: errno) }
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Sends 100 bytes and waits until they are back.
    func exchange() throws {
        try withUnsafeTemporaryAllocation(byteCount: Self.size, alignment: 1) { bytes in
            bytes.initializeMemory(as: UInt8.self, repeating: 7)
            guard send(socket, bytes.baseAddress, Self.size, 0) == Self.size else {
                throw Failure(number: errno)
            }
            var got = 0
            while got < Self.size {
                let count = recv(socket, bytes.baseAddress, Self.size - got, 0)
                guard count > 0 else { throw Failure(number: errno) }
                got += count
            }
        }
    }

    /// Closes the connection.
    func close() { _ = Foundation.close(socket) }
}

/// Clients that ask as fast as they are answered.
enum EchoLoad {
    /// Asks for a while.
    ///
    /// - Parameters:
    ///   - port: Whom.
    ///   - seconds: For how long.
    ///   - connections: How many clients, a thread each.
    /// - Returns: How many answers came.
    /// - Throws: ``Connection/Failure``.
    static func run(port: Int, seconds: Double, connections: Int = 8) throws -> Int {
        let clients = try (0..<connections).map { _ in try Connection(port: port) }
        let answers = Mutex(0)
        let failure = Mutex<(any Error)?>(nil)
        let end = Machine.nanoseconds(of: CLOCK_MONOTONIC) + UInt64(seconds * 1e9)
        DispatchQueue.concurrentPerform(iterations: connections) { number in
            var count = 0
            do {
                while Machine.nanoseconds(of: CLOCK_MONOTONIC) < end {
                    try clients[number].exchange()
                    count += 1
                }
            } catch { failure.withLock { $0 = error } }
            answers.withLock { $0 += count }
        }
        for client in clients { client.close() }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return answers.withLock { $0 }
    }
}
