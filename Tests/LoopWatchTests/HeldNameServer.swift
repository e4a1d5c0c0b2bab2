import Foundation

#if os(Linux)
/// A name server on this machine that keeps silent until it is told to answer.
final class HeldNameServer: Sendable {
    /// How the C library's `struct __res_state` begins.
    private struct ResolverState {
        var secondsToFirstTry: Int32
        var tries: Int32
        var options: UInt
        var serverCount: Int32
        var firstServer: sockaddr_in
    }

    private let socket: Int32
    private let address: sockaddr_in

    init?() {
        let made = Foundation.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard made >= 0 else { return nil }
        var bound = sockaddr_in()
        bound.sin_family = sa_family_t(AF_INET)
        bound.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(made, $0, length) == 0 ? getsockname(made, $0, &length) : -1
            }
        }
        guard code == 0 else {
            close(made)
            return nil
        }
        (socket, address) = (made, bound)
    }

    deinit { close(socket) }

    /// Asks it for an address by the C library's resolver, whose state is the calling thread's own.
    ///
    /// - Returns: Whether an answer came.
    func isAsked() -> Bool {
        typealias Initialize = @convention(c) () -> Int32
        typealias State = @convention(c) () -> UnsafeMutableRawPointer?
        typealias Query =
            @convention(c) (
                UnsafePointer<CChar>, Int32, Int32, UnsafeMutablePointer<UInt8>, Int32
            ) -> Int32
        guard let initialize = dlsym(nil, "__res_init"), let state = dlsym(nil, "__res_state"),
            let query = dlsym(nil, "res_query") ?? dlsym(nil, "__res_query"),
            unsafeBitCast(initialize, to: Initialize.self)() == 0,
            let begin = unsafeBitCast(state, to: State.self)()
        else { return false }
        let resolver = begin.assumingMemoryBound(to: ResolverState.self)
        resolver.pointee.secondsToFirstTry = 30
        resolver.pointee.tries = 1
        resolver.pointee.serverCount = 1
        resolver.pointee.firstServer = address
        var answer = [UInt8](repeating: 0, count: 512)
        let (internet, hostAddress): (Int32, Int32) = (1, 1)
        return unsafeBitCast(query, to: Query.self)("name.invalid", internet, hostAddress, &answer, 512) > 0
    }

    /// Answers the query that has come, if one has.
    func answer() {
        var message = [UInt8](repeating: 0, count: 512)
        var asker = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &asker) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(socket, &message, message.count, Int32(MSG_DONTWAIT), $0, &length)
            }
        }
        // A header has 12 bytes.
        guard count > 12 else { return }
        message.removeLast(message.count - count)
        // A response that holds one record: of the name asked for, an address that lasts no time, 127.0.0.1.
        (message[2], message[3]) = (0x81, 0x80)
        (message[6], message[7]) = (0, 1)
        message += [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]
        withUnsafePointer(to: asker) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(socket, message, message.count, 0, $0, length)
            }
        }
    }
}
#endif
