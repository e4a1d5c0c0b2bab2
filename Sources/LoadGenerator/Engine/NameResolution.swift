import Glibc

/// The first numeric address of a host.
///
/// Blocks its thread while the name is looked up. The corresponding C functions are `getaddrinfo` and
/// `getnameinfo`.
///
/// - Parameter host: A name or a numeric address.
/// - Returns: The address without brackets, or nil if there is none.
func numericAddress(of host: String) -> String? {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &found) == 0, let found else { return nil }
    defer { freeaddrinfo(found) }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { text in
        let result = getnameinfo(
            found.pointee.ai_addr,
            found.pointee.ai_addrlen,
            text.baseAddress,
            socklen_t(text.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        guard result == 0, let start = text.baseAddress else { return nil }
        return String(cString: start)
    }
}
