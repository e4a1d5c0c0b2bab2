import HTTPTypes

extension HTTPField.Name {
    static let requestID = name("X-Request-ID")
    static let serverClock = name("X-Server-Clock")
    static let serverTiming = name("Server-Timing")

    private static func name(_ text: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(text)") else { fatalError("\(text) is a token of HTTP") }
        return name
    }
}
