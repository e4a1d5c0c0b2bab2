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
        var name = demangled[...]
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

    /// Whether nobody wrote it: thunks, witnesses, and what is outlined from other functions.
    package var isCompilerGenerated: Bool {
        let name = displayed
        return Self.generated.contains(where: name.hasPrefix)
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

    private static let generated = [
        "partial apply", "protocol witness for ", "reabstraction thunk", "thunk for ", "dispatch thunk of ",
        "vtable thunk for ", "curry thunk of ", "method lookup function for ", "outlined ", "@objc ",
        "@nonobjc ",
        "type metadata ", "lazy protocol witness", "associated type ", "value witness", "destroy for ",
        "initializeWithCopy for ", "initializeWithTake for ", "assignWithCopy for ", "assignWithTake for ",
        "getEnumTag", "storeEnumTag", "key path ", "back deployment ", "async function pointer to ",
        "distributed thunk ", "Swift runtime failure: ", "__swift_",
    ]
}
