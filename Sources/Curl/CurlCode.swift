/// What libcurl says came of a transfer.
///
/// The codes that this project tells apart have names. The corresponding C type is `CURLcode`.
package struct CurlCode: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let ok = CurlCode(rawValue: 0)
    package static let unsupportedProtocol = CurlCode(rawValue: 1)
    package static let couldNotResolveHost = CurlCode(rawValue: 6)
    package static let couldNotConnect = CurlCode(rawValue: 7)
    package static let weirdServerReply = CurlCode(rawValue: 8)
    package static let http2 = CurlCode(rawValue: 16)
    package static let partialFile = CurlCode(rawValue: 18)
    package static let writeError = CurlCode(rawValue: 23)
    package static let timedOut = CurlCode(rawValue: 28)
    package static let tlsConnect = CurlCode(rawValue: 35)
    package static let abortedByCallback = CurlCode(rawValue: 42)
    package static let gotNothing = CurlCode(rawValue: 52)
    package static let sendError = CurlCode(rawValue: 55)
    package static let receiveError = CurlCode(rawValue: 56)
    package static let peerNotVerified = CurlCode(rawValue: 60)
}
