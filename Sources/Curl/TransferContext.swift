import CCurl
import Glibc

/// What libcurl's callbacks of one handle find behind their user pointer.
final class TransferContext {
    /// Outlives each transfer, as ``EasyHandle/observe(_:)`` demands.
    unowned(unsafe) var observer: (any TransferObserver)?
    /// The fields that libcurl's handle points to.
    var headers: HeaderList?
    /// The pinned address that libcurl's handle points to.
    var pinned: UnsafeMutablePointer<curl_slist>?
    /// The `errno` of a socket that could not be made; libcurl calls that "could not connect".
    var socketError: Int32 = 0
    /// Sockets made since the count was last taken.
    var socketsOpened = 0
    /// A connected socket to use instead of a new one; -1 without one.
    private(set) var adopted: Int32 = -1
    /// Whether the socket last handed to libcurl was connected already.
    var isAdopted = false
    /// Who is told of sockets that are made and closed; nil outside of a multi handle.
    var sockets: SocketWatch?
    /// What the multi handle's owner calls the transfer.
    var tag = 0
    /// libcurl's words on the current transfer's failure.
    let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init() {
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        adopt(nil)
        curl_slist_free_all(pinned)
        words.deallocate()
    }

    /// Keeps a connected socket for the next connection, and closes one that was kept before.
    func adopt(_ descriptor: Int32?) {
        if adopted >= 0 { close(adopted) }
        adopted = descriptor ?? -1
    }

    /// Hands out the socket that was kept; nil without one.
    func takeAdopted() -> Int32? {
        defer { adopted = -1 }
        return adopted >= 0 ? adopted : nil
    }

    /// Points a handle's callbacks at this context.
    ///
    /// - Parameter easy: The handle.
    /// - Returns: libcurl's first refusal, or `CURLE_OK`.
    func install(in easy: UnsafeMutableRawPointer) -> CURLcode {
        let this = Unmanaged.passUnretained(self).toOpaque()
        let results = [
            ccurl_set_pointer(easy, CURLOPT_PRIVATE, this),
            ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, words),
            ccurl_set_write_function(easy, CURLOPT_WRITEFUNCTION, receiveBody),
            ccurl_set_pointer(easy, CURLOPT_WRITEDATA, this),
            ccurl_set_write_function(easy, CURLOPT_HEADERFUNCTION, receiveHead),
            ccurl_set_pointer(easy, CURLOPT_HEADERDATA, this),
            ccurl_set_read_function(easy, readBody),
            ccurl_set_pointer(easy, CURLOPT_READDATA, this),
            ccurl_set_seek_function(easy, seekBody),
            ccurl_set_pointer(easy, CURLOPT_SEEKDATA, this),
            ccurl_set_prereq_function(easy, maySend),
            ccurl_set_pointer(easy, CURLOPT_PREREQDATA, this),
            ccurl_set_opensocket_function(easy, openSocket),
            ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, this),
            ccurl_set_sockopt_function(easy, prepareSocket),
            ccurl_set_pointer(easy, CURLOPT_SOCKOPTDATA, this),
        ]
        return results.first { $0 != CURLE_OK } ?? CURLE_OK
    }
}

extension TransferContext {
    /// The context of a handle that ``install(in:)`` was called for.
    ///
    /// - Parameter easy: libcurl's handle, which the context's owner keeps.
    /// - Returns: The context.
    static func of(_ easy: UnsafeMutableRawPointer) -> TransferContext {
        var user: UnsafeMutableRawPointer?
        // Reading what was set cannot fail.
        _ = ccurl_get_pointer(easy, CURLINFO_PRIVATE, &user)
        guard let user else { preconditionFailure("a transfer without a context") }
        return Unmanaged<TransferContext>.fromOpaque(user).takeUnretainedValue()
    }
}

/// Calls `body` with the context behind a user pointer, without counting a reference.
@inline(__always)
private func withContext<Result>(
    _ user: UnsafeMutableRawPointer?,
    otherwise: Result,
    _ body: (TransferContext) -> Result
) -> Result {
    guard let user else { return otherwise }
    return Unmanaged<TransferContext>.fromOpaque(user)._withUnsafeGuaranteedRef(body)
}

private let receiveBody: curl_write_callback = { bytes, size, count, user in
    withContext(user, otherwise: 0) { context in
        let part = UnsafeRawBufferPointer(start: bytes, count: size &* count)
        return context.observer?.received(body: part) == true ? part.count : 0
    }
}

private let receiveHead: curl_write_callback = { bytes, size, count, user in
    withContext(user, otherwise: 0) { context in
        let line = UnsafeRawBufferPointer(start: bytes, count: size &* count)
        context.observer?.received(headLine: line)
        return line.count
    }
}

private let readBody: curl_read_callback = { buffer, size, count, user in
    withContext(user, otherwise: Int(CURL_READFUNC_ABORT)) { context in
        let space = UnsafeMutableRawBufferPointer(start: buffer, count: size &* count)
        return context.observer?.readBody(into: space) ?? Int(CURL_READFUNC_ABORT)
    }
}

private let seekBody: curl_seek_callback = { user, offset, origin in
    withContext(user, otherwise: CURL_SEEKFUNC_FAIL) { context in
        guard origin == SEEK_SET, context.observer?.rewindBody(to: Int(offset)) == true else {
            return CURL_SEEKFUNC_FAIL
        }
        return CURL_SEEKFUNC_OK
    }
}

private let maySend: curl_prereq_callback = { user, _, _, _, localPort in
    withContext(user, otherwise: CURL_PREREQFUNC_ABORT) { context in
        context.observer?.maySend(localPort: localPort) == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
}

private let openSocket: curl_opensocket_callback = { user, _, address in
    guard let address else { return CURL_SOCKET_BAD }
    return withContext(user, otherwise: CURL_SOCKET_BAD) { context in
        if let adopted = context.takeAdopted() {
            context.isAdopted = true
            context.sockets?.opened(adopted)
            return adopted
        }
        context.isAdopted = false
        let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let made = socket(address.pointee.family, kind, address.pointee.protocol)
        if made < 0 {
            context.socketError = errno
            return CURL_SOCKET_BAD
        }
        context.socketsOpened &+= 1
        context.sockets?.opened(made)
        return made
    }
}

/// Closes a socket of a connection; its user pointer is the watch of the multi handle whose connection it is.
let closeSocket: curl_closesocket_callback = { user, socket in
    if let user { Unmanaged<SocketWatch>.fromOpaque(user)._withUnsafeGuaranteedRef { $0.closed(socket) } }
    return close(socket)
}

private let prepareSocket: curl_sockopt_callback = { user, _, _ in
    withContext(user, otherwise: CURL_SOCKOPT_OK) { context in
        context.isAdopted ? CURL_SOCKOPT_ALREADY_CONNECTED : CURL_SOCKOPT_OK
    }
}
