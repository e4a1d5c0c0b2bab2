/// One endpoint to measure.
package struct LoadTarget: Sendable, Codable, Equatable {
    /// What reports call it.
    package private(set) var name: String
    /// Where uploads go.
    package let address: TargetAddress
    /// The method of an upload.
    package let method: String
    /// Fields that every upload carries besides those of its body.
    package let headers: [PlanField]
    /// Whether this very process serves it.
    package let isEmbedded: Bool
    /// Whether nothing but this process has a part in serving it: what other processes do only disturbs.
    package let isSelfContained: Bool
    /// The target that this is a second measurement of, to find the noise floor; nil for all others.
    package private(set) var selfComparisonOf: String?

    /// Makes a target.
    ///
    /// - Parameters:
    ///   - name: What reports call it: 1 to 64 letters, digits, `_` or `-`.
    ///   - url: Where uploads go.
    ///   - method: The method of an upload.
    ///   - headers: Fields that every upload carries.
    ///   - isEmbedded: Whether this very process serves it.
    ///   - isSelfContained: Whether no other process, such as a store, has a part in it.
    /// - Throws: ``PlanError`` if a part is wrong.
    package init(
        name: String,
        url: String,
        method: String = "POST",
        headers: [PlanField] = [],
        isEmbedded: Bool = false,
        isSelfContained: Bool = false
    ) throws(PlanError) {
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(LoadTarget.isNameByte) else {
            throw .invalidTargetName(text: name)
        }
        guard !method.isEmpty, method.utf8.allSatisfy(PlanField.isToken) else {
            throw .invalidMethod(text: method)
        }
        self.name = name
        address = try TargetAddress(url: url, target: "\(name)=\(url)")
        self.method = method
        self.headers = headers
        self.isEmbedded = isEmbedded
        self.isSelfContained = isSelfContained
    }

    /// Reads `NAME=URL`.
    ///
    /// - Parameters:
    ///   - text: What stood behind `--target`.
    ///   - method: The method of an upload.
    ///   - headers: Fields that every upload carries.
    /// - Throws: ``PlanError`` if it is not a name and a URL.
    package init(parsing text: String, method: String = "POST", headers: [PlanField] = []) throws(PlanError) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw .targetWithoutURL(text: text)
        }
        let name = String(text[..<equals])
        let url = String(text[text.index(after: equals)...])
        guard !name.contains("/") else { throw .targetWithoutURL(text: text) }
        try self.init(name: name, url: url, method: method, headers: headers)
    }

    /// The same target under a name of its own, measured to compare it with itself.
    var measuredAgain: LoadTarget {
        var again = self
        again.selfComparisonOf = name
        again.name = "\(name)-aa"
        return again
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// A URL taken apart as far as the load needs.
///
/// libcurl takes `http:///x` for the host `x`, so scheme, host and port are checked here.
package struct TargetAddress: Sendable, Codable, Equatable {
    /// The URL as written.
    package let url: String
    /// Whether the connection speaks TLS.
    package let isSecure: Bool
    /// The host: a name or a numeric address, without brackets.
    package let host: String
    /// The port, written or implied.
    package let port: Int
    /// The URL up to its path, such as `http://127.0.0.1:8000`.
    package let origin: String

    /// Takes a URL apart.
    ///
    /// - Parameters:
    ///   - url: The URL.
    ///   - target: What errors call it.
    /// - Throws: ``PlanError`` if the scheme, the host or the port is wrong.
    package init(url: String, target: String) throws(PlanError) {
        guard url.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else { throw .invalidCharacter(target: target) }
        let lowered = url.lowercased()
        let scheme = lowered.hasPrefix("http://") ? "http://" : "https://"
        guard lowered.hasPrefix(scheme) else { throw .unknownScheme(target: target) }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        let location =
            authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        var host = location
        var portText: Substring?
        if location.hasPrefix("["), let end = location.firstIndex(of: "]") {
            host = location[location.index(after: location.startIndex)..<end]
            let after = location[location.index(after: end)...]
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = location.lastIndex(of: ":") {
            host = location[..<colon]
            portText = location[location.index(after: colon)...]
        }
        guard !host.isEmpty else { throw .noHost(target: target) }
        isSecure = scheme == "https://"
        port = portText.map { Int($0) ?? 0 } ?? (scheme == "https://" ? 443 : 80)
        guard (1...65_535).contains(port) else {
            throw .invalidPort(target: target, port: String(portText ?? ""))
        }
        self.url = url
        self.host = String(host)
        origin = String(url.prefix(scheme.count + authority.count))
    }

    /// Host and port as messages show them.
    package var hostAndPort: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
