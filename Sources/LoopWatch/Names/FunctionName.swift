/// A function's demangled name, and what the compiler made of the function.
package struct FunctionName: Hashable {
    /// The name as the demangler gives it.
    package let demangled: String

    /// Takes a name.
    ///
    /// - Parameter demangled: The name in full.
    package init(demangled: String) { self.demangled = demangled }

    /// The name that the source has: without what the compiler says about this piece of the function.
    ///
    /// An `async` function is compiled into one function for each of its suspensions, an optimised one may be
    /// specialised or merged with its equals; a reader knows only the function that he wrote.
    package var displayed: String {
        var name = Self.withoutVersion(demangled)
        var isChanged = true
        while isChanged {
            isChanged = false
            for start in Self.remarks where name.hasPrefix(start) {
                name = name.dropFirst(start.count)
                isChanged = true
            }
            if let resumption = Self.afterResumption(name) {
                name = resumption
                isChanged = true
            }
        }
        return String(name)
    }

    /// Whether a function is LoopWatch's, by the module that its linker's name begins with.
    ///
    /// - Parameter symbol: The name as the linker knows it.
    /// - Returns: Whether it is.
    package static func isOwn(symbol: String) -> Bool {
        symbol.hasPrefix("$s9LoopWatch") || symbol.hasPrefix("$s16LoopWatchTesting")
    }

    /// `pthread_mutex_lock` for `pthread_mutex_lock@@GLIBC_2.2.5`, which only the linker tells apart.
    private static func withoutVersion(_ name: String) -> Substring {
        guard let mark = name.firstIndex(of: "@"), mark > name.startIndex, !name.contains(" ") else {
            return name[...]
        }
        return name[..<mark]
    }

    /// The function that somebody wrote and the optimizer put into this one: `Echo.read()` for
    /// `protocol witness for Handler.read() in conformance Echo`.
    package var written: String {
        let name = displayed
        for start in ["partial apply for ", "protocol witness for "] where name.hasPrefix(start) {
            let rest = name.dropFirst(start.count)
            guard let conformance = rest.firstRange(of: " in conformance ") else { return String(rest) }
            let requirement = rest[..<conformance.lowerBound]
            guard let dot = requirement.firstIndex(of: ".") else { return String(requirement) }
            return "\(rest[conformance.upperBound...])\(requirement[dot...])"
        }
        return name
    }

    /// `(2) suspend resume partial function for f()` without all before `f()`.
    private static func afterResumption(_ name: Substring) -> Substring? {
        guard name.first == "(", let end = name.firstIndex(of: ")") else { return nil }
        let number = name[name.index(after: name.startIndex)..<end]
        guard !number.isEmpty, number.allSatisfy(\.isNumber) else { return nil }
        let rest = name[name.index(after: end)...]
        for start in [" await resume partial function for ", " suspend resume partial function for "]
        where rest.hasPrefix(start) {
            return rest.dropFirst(start.count)
        }
        return nil
    }

    private static let remarks = ["merged ", "specialized "]
}
