import Curl
import Glibc
import Synchronization

/// Answers every request with its own text: plain sockets, one thread a connection.
///
/// `/hang` never answers, `/big` answers 100 000 bytes, `/interim` sends a 103 before its answer.
final class EchoServer: Sendable {
    private struct State {
        var connections = 0
        var requests = 0
        var open: Set<Int32> = []
        var threads: [OwnThread] = []
    }

    let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, size) == 0 && listen(listener, 128) == 0
                    && getsockname(listener, raw, &size) == 0
            }
        }
        guard isListening else { throw CurlError.system(call: "listen", number: errno) }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        let acceptor = try OwnThread(name: "echo-accept") { self.acceptAll() }
        state.withLock { $0.threads.append(acceptor) }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var connections: Int { state.withLock(\.connections) }
    var requests: Int { state.withLock(\.requests) }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) } }
        while let thread = state.withLock({ $0.threads.popLast() }) { thread.join() }
        close(listener)
    }

    private func acceptAll() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            state.withLock { state in
                state.connections += 1
                state.open.insert(connection)
            }
            // Without a thread the client sees a connection that hangs up, and the test fails.
            guard let thread = try? OwnThread(name: "echo", body: { self.serve(connection) }) else {
                close(connection)
                continue
            }
            state.withLock { $0.threads.append(thread) }
        }
    }

    private func serve(_ connection: Int32) {
        var text: [UInt8] = []
        while let request = read(connection, &text) {
            state.withLock { $0.requests += 1 }
            if request.contains(" /hang ") {
                _ = read(connection, &text)
                break
            }
            let body = request.contains(" /big ") ? String(repeating: "x", count: 100_000) : request
            let interim =
                request.contains(" /interim ") ? "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" : ""
            let sent = request.hasPrefix("HEAD") ? "" : body
            let answer =
                interim + "HTTP/1.1 201 Made\r\nX-Kind:  echo \r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                + sent
            let bytes = Array(answer.utf8)
            guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { break }
        }
        state.withLock { state in _ = state.open.remove(connection) }
        close(connection)
    }

    /// The next request with its body, or nil once the client has gone.
    private func read(_ connection: Int32, _ text: inout [UInt8]) -> String? {
        while true {
            if let end = text.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: text[..<end.lowerBound], as: UTF8.self).lowercased()
                let field = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                let length = field.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
                if text.count >= end.upperBound + length {
                    defer { text.removeSubrange(..<(end.upperBound + length)) }
                    return String(decoding: text[..<(end.upperBound + length)], as: UTF8.self)
                }
            }
            var space = [UInt8](repeating: 0, count: 65_536)
            let count = recv(connection, &space, space.count, 0)
            guard count > 0 else { return nil }
            text += space[..<count]
        }
    }
}
