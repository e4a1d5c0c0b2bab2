import CCurl
import Glibc

/// Many transfers on one thread, and the loop that drives them.
///
/// Belongs to one thread. libcurl says which sockets and which moment it waits for; epoll waits.
/// The corresponding C functions are `curl_multi_socket_action` and its callbacks.
package struct MultiHandle: ~Copyable {
    private let raw: UnsafeMutableRawPointer
    private let epoll: Epoll
    private let wishes: Wishes

    /// What ends ``turn(until:)`` from another thread.
    private let wakeUp: WakeUp

    /// What libcurl waits for, as its callbacks left it.
    private final class Wishes {
        let multi: UnsafeMutableRawPointer
        let sockets: SocketWatch
        var deadline: Int64?

        init(multi: UnsafeMutableRawPointer, sockets: SocketWatch) {
            self.multi = multi
            self.sockets = sockets
        }
    }

    /// Makes an idle loop with an empty pool of connections.
    ///
    /// - Parameters:
    ///   - keptConnections: How many idle connections to keep; libcurl closes those beyond.
    ///   - wakeUp: What ends its wait from another thread.
    /// - Throws: ``CurlError`` if libcurl or the kernel refuses.
    package init(keptConnections: Int, wakeUp: WakeUp) throws(CurlError) {
        try CurlGlobal.start()
        let epoll = try Epoll()
        let wishes = try MultiHandle.makeMulti(epoll: epoll, wakeUp: wakeUp, keptConnections: keptConnections)
        raw = wishes.multi
        self.epoll = epoll
        self.wakeUp = wakeUp
        self.wishes = wishes
    }

    private static func makeMulti(
        epoll: borrowing Epoll,
        wakeUp: WakeUp,
        keptConnections: Int
    ) throws(CurlError) -> Wishes {
        try epoll.watch(wakeUp.descriptor)
        guard let multi = curl_multi_init() else { throw .outOfMemory }
        let wishes = Wishes(multi: multi, sockets: SocketWatch(epoll: epoll.descriptor))
        let user = Unmanaged.passUnretained(wishes).toOpaque()
        let results = [
            ccurl_multi_set_socket_function(multi, watchSocket),
            ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, user),
            ccurl_multi_set_timer_function(multi, setTimer),
            ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, user),
            ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, keptConnections),
            ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING),
        ]
        if let refusal = results.first(where: { $0 != CURLM_OK }) {
            curl_multi_cleanup(multi)
            try check(refusal)
        }
        return wishes
    }

    deinit { curl_multi_cleanup(raw) }

    /// Starts a transfer at the next turn.
    ///
    /// The corresponding C function is `curl_multi_add_handle`.
    ///
    /// - Parameters:
    ///   - handle: The transfer, which the caller keeps until it is removed.
    ///   - tag: What ``nextCompletion()`` calls it.
    /// - Throws: ``CurlError`` if libcurl refuses it.
    package func add(_ handle: borrowing EasyHandle, tag: Int) throws(CurlError) {
        handle.prepare()
        handle.context.tag = tag
        try handle.tell(wishes.sockets)
        try check(curl_multi_add_handle(raw, handle.raw))
    }

    /// Takes a transfer out, ended or not; its connection closes unless the transfer had ended.
    ///
    /// The corresponding C function is `curl_multi_remove_handle`.
    ///
    /// - Parameter handle: The transfer.
    package func remove(_ handle: borrowing EasyHandle) {
        // Fails only for a handle that is not in here, which leaves nothing to take out.
        _ = curl_multi_remove_handle(raw, handle.raw)
    }

    /// How long after its deadline a turn still goes on with sockets that are ready.
    ///
    /// One large body takes its share of a millisecond; with many of them under way the next upload would start
    /// late by all of them.
    private static let patience: Int64 = 200_000

    /// Waits for something to happen and lets libcurl act on it.
    ///
    /// - Parameter deadline: When to return at the latest, on ``MonotonicClock``; nil is never.
    /// - Throws: ``CurlError`` if libcurl or the kernel refuses.
    package func turn(until deadline: Int64?) throws(CurlError) {
        var wait: Int64?
        if let next = min(wishes.deadline, deadline) {
            wait = next == 0 ? 0 : max(0, next - MonotonicClock.now())
        }
        var refusal = CURLM_OK
        var running: Int32 = 0
        let woken = wakeUp.descriptor
        try epoll.wait(nanoseconds: wait) { descriptor, interest in
            guard descriptor != woken else {
                wakeUp.reset()
                return true
            }
            guard wishes.sockets.isWanted(descriptor) else { return true }
            var mask: Int32 = 0
            if interest.contains(.read) { mask |= CURL_CSELECT_IN }
            if interest.contains(.write) { mask |= CURL_CSELECT_OUT }
            if !interest.isDisjoint(with: .trouble) { mask |= CURL_CSELECT_ERR }
            let result = curl_multi_socket_action(raw, descriptor, mask, &running)
            if result != CURLM_OK { refusal = result }
            guard let deadline else { return true }
            return MonotonicClock.now() < deadline + MultiHandle.patience
        }
        try check(refusal)
        if let due = wishes.deadline, due == 0 || due <= MonotonicClock.now() {
            wishes.deadline = nil
            try check(curl_multi_socket_action(raw, CURL_SOCKET_TIMEOUT, 0, &running))
        }
    }

    private func min(_ left: Int64?, _ right: Int64?) -> Int64? {
        guard let left else { return right }
        guard let right else { return left }
        return Swift.min(left, right)
    }

    /// A transfer that has ended.
    package struct Completion: Sendable, Equatable {
        /// What ``MultiHandle/add(_:tag:)`` called it.
        package var tag: Int
        /// libcurl's result.
        package var code: CurlCode
    }

    /// The next transfer that has ended; it stays inside until it is removed.
    ///
    /// The corresponding C function is `curl_multi_info_read`.
    ///
    /// - Returns: The transfer, or nil when no other has ended.
    package func nextCompletion() -> Completion? {
        var result = CURLE_OK
        guard let easy = ccurl_multi_next_done(raw, &result) else { return nil }
        return Completion(tag: TransferContext.of(easy).tag, code: CurlCode(rawValue: result.rawValue))
    }

    private static let setTimer: curl_multi_timer_callback = { _, milliseconds, user in
        guard let user else { return 0 }
        Unmanaged<Wishes>.fromOpaque(user)._withUnsafeGuaranteedRef { wishes in
            // At once, by far the most frequent wish, needs no clock.
            wishes.deadline =
                milliseconds < 0
                ? nil : milliseconds == 0 ? 0 : MonotonicClock.now() + Int64(milliseconds) * 1_000_000
        }
        return 0
    }

    /// libcurl wants a socket watched, or no longer.
    private static let watchSocket: curl_socket_callback = { _, socket, what, user, _ in
        guard let user else { return -1 }
        return Unmanaged<Wishes>.fromOpaque(user)._withUnsafeGuaranteedRef { wishes in
            var interest: UInt32 = 0
            if what != CURL_POLL_REMOVE {
                if what & CURL_POLL_IN != 0 { interest |= EPOLLIN.rawValue }
                if what & CURL_POLL_OUT != 0 { interest |= EPOLLOUT.rawValue }
            }
            return wishes.sockets.want(interest, of: socket)
        }
    }

    private func check(_ code: CURLMcode) throws(CurlError) {
        try MultiHandle.check(code)
    }

    private static func check(_ code: CURLMcode) throws(CurlError) {
        guard code == CURLM_OK else {
            if code == CURLM_OUT_OF_MEMORY { throw .outOfMemory }
            throw .refused(
                code: UInt32(bitPattern: code.rawValue),
                words: String(cString: curl_multi_strerror(code))
            )
        }
    }
}
