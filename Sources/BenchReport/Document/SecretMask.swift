/// Hides secrets before anything is stored, so that no export can leak them.
///
/// A name that speaks of a token, secret, key, auth or password, a cookie, and the user part of an
/// address are taken for secret.
package enum SecretMask {
    /// What stands in a secret's place.
    package static let mask = "***"

    private static let words = ["token", "secret", "key", "auth", "password", "cookie"]
    private static let headerFlags: Set<String> = ["-H", "--header"]
    private static let pairFlags: Set<String> = ["--form"]

    /// Masks the secrets in a command's arguments.
    ///
    /// - Parameter arguments: The arguments.
    /// - Returns: As many, with ``mask`` for each secret.
    package static func masked(arguments: [String]) -> [String] {
        var flag = ""
        return arguments.map { argument in
            let isFlag = argument.hasPrefix("--") || argument.count == 2 && argument.hasPrefix("-")
            defer { flag = isFlag && !argument.contains("=") ? argument : "" }
            if !flag.isEmpty { return masked(value: argument, of: flag) }
            if argument.hasPrefix("-"), let equals = argument.firstIndex(of: "=") {
                let value = String(argument[argument.index(after: equals)...])
                return argument[...equals] + masked(value: value, of: String(argument[..<equals]))
            }
            if argument.hasPrefix("-H"), argument.count > 2 {
                return "-H" + masked(value: String(argument.dropFirst(2)), of: "-H")
            }
            return masked(url: argument)
        }
    }

    /// Masks the user part and the secret query values of an address.
    ///
    /// - Parameter url: An address, or any text that may hold one.
    /// - Returns: The same with ``mask`` for each secret.
    package static func masked(url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        var rest = url[scheme.upperBound...]
        let authorityEnd = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        var text = String(url[..<scheme.upperBound])
        if let at = rest[..<authorityEnd].lastIndex(of: "@") {
            text += "\(mask)@"
            rest = rest[rest.index(after: at)...]
        }
        guard let question = rest.firstIndex(of: "?") else { return text + rest }
        let query = rest[rest.index(after: question)...].split(
            separator: "&",
            omittingEmptySubsequences: false
        )
        return text + rest[...question] + query.map { masked(pair: String($0)) }.joined(separator: "&")
    }

    private static func masked(value: String, of flag: String) -> String {
        if headerFlags.contains(flag) {
            let name = value.prefix { $0 != ":" }
            return isSecret(name) && name.endIndex < value.endIndex ? "\(name): \(mask)" : value
        }
        if pairFlags.contains(flag) { return masked(pair: value) }
        return isSecret(flag) ? mask : masked(url: value)
    }

    private static func masked(pair: String) -> String {
        guard let equals = pair.firstIndex(of: "="), isSecret(pair[..<equals]) else { return pair }
        return pair[...equals] + mask
    }

    private static func isSecret(_ name: some StringProtocol) -> Bool {
        let lowercased = name.lowercased()
        return words.contains { lowercased.contains($0) }
    }
}
