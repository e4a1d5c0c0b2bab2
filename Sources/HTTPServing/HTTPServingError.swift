import NIOCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Why a server could not start.
package enum HTTPServingError: Error, Equatable {
    case addressInUse(host: String, port: Int)
    case addressNotLocal(host: String)
    case hostUnknown(host: String)
    case portNotPermitted(port: Int)
    case bindFailed(host: String, port: Int, reason: String)

    /// What went wrong, with the value at fault.
    package var message: String {
        switch self {
        case .addressInUse(let host, let port): "\(host):\(port) is already in use"
        case .addressNotLocal(let host): "\(host) is not an address of this machine"
        case .hostUnknown(let host): "the host name \(host) can't be resolved"
        case .portNotPermitted(let port): "this user may not listen on port \(port)"
        case .bindFailed(let host, let port, let reason): "can't listen on \(host):\(port): \(reason)"
        }
    }

    /// What to try instead.
    package var hint: String? {
        switch self {
        case .addressInUse: "stop the other program, or let the system choose a free port with --port 0"
        case .addressNotLocal, .hostUnknown: "listen on 127.0.0.1, or on every address with 0.0.0.0"
        case .portNotPermitted: "choose a port above 1023, or 0 for a free one"
        case .bindFailed: nil
        }
    }
}

extension HTTPServingError {
    /// Names what the system said about listening.
    ///
    /// - Parameters:
    ///   - error: What binding the address threw.
    ///   - configuration: What was asked for.
    init(_ error: any Error, configuration: HTTPServer.Configuration) {
        let (host, port) = (configuration.host, configuration.port)
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: self = .addressInUse(host: host, port: port)
        case EADDRNOTAVAIL: self = .addressNotLocal(host: host)
        case EACCES: self = .portNotPermitted(port: port)
        case let code?: self = .bindFailed(host: host, port: port, reason: String(cString: strerror(code)))
        case nil where error is SocketAddressError || error is SocketAddressError.UnknownHost:
            self = .hostUnknown(host: host)
        case nil: self = .bindFailed(host: host, port: port, reason: "\(error)")
        }
    }
}
