import Foundation
import Synchronization

/// A client's connection that waits for its answer.
struct Connection: Sendable {
    /// The system refused; the value is its number for why.
    struct Failure: Error { let number: Int32 }

    /// What is sent, and when the answer to it is whole.
    enum Exchange: Sendable {
        /// A hundred bytes, which come back.
        case echo
        /// A request, whose answer ends in the body of ``HelloServer``.
        case http

        fileprivate var request: [UInt8] {
            switch self {
            case .echo: [UInt8](repeating: 7, count: 100)
            case .http: Array("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)
            }
        }

        fileprivate func isWhole(_ answer: UnsafeRawBufferPointer) -> Bool {
            switch self {
            case .echo: answer.count == 100
            case .http: answer.suffix(HelloServer.body.utf8.count).elementsEqual(HelloServer.body.utf8)
            }
        }
    }

    private static let longest = 1000
    private let socket: Int32
    private let kind: Exchange
    private let request: [UInt8]

    /// Connects to a port of this machine.
    ///
    /// - Parameters:
    ///   - port: The port.
    ///   - kind: What is exchanged.
    /// - Throws: ``Failure``.
    init(port: Int, _ kind: Exchange = .echo) throws {
        self.kind = kind
        request = kind.request
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

    /// Sends a request and waits until its answer is whole.
    func exchange() throws {
        try withUnsafeTemporaryAllocation(byteCount: Self.longest, alignment: 1) { bytes in
            guard send(socket, request, request.count, 0) == request.count else {
                throw Failure(number: errno)
            }
            var got = 0
            repeat {
                let count = recv(socket, bytes.baseAddress?.advanced(by: got), bytes.count - got, 0)
                guard count > 0 else { throw Failure(number: errno) }
                got += count
            } while !kind.isWhole(UnsafeRawBufferPointer(rebasing: bytes[..<got]))
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
    ///   - kind: What is exchanged.
    ///   - seconds: For how long.
    ///   - connections: How many clients, a thread each.
    /// - Returns: How many answers came.
    /// - Throws: ``Connection/Failure``.
    static func run(port: Int, _ kind: Connection.Exchange = .echo, seconds: Double, connections: Int = 8)
        throws -> Int
    {
        let clients = try (0..<connections).map { _ in try Connection(port: port, kind) }
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
