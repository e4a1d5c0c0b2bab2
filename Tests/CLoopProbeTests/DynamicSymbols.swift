import CLoopProbe
import Foundation

/// Functions as a shared library of this process finds them: by name, in the dynamic symbol table.
enum DynamicSymbol {
    /// The layout of the C type `Dl_info`, which needs `_GNU_SOURCE` to be seen.
    struct Information {
        var file: UnsafePointer<CChar>?
        var base: UnsafeRawPointer?
        var name: UnsafePointer<CChar>?
        var address: UnsafeRawPointer?
    }

    /// A function of the process by its name.
    ///
    /// - Parameters:
    ///   - name: The C name.
    ///   - type: Its type, a C function.
    /// - Returns: The function that a shared library would call.
    static func function<Function>(_ name: String, as type: Function.Type = Function.self) -> Function {
        guard let address = dlsym(nil, name) else { preconditionFailure("no symbol \(name)") }
        return unsafeBitCast(address, to: type)
    }

    /// What the dynamic linker knows of an address.
    ///
    /// - Parameter address: Any address in a loaded file.
    /// - Returns: File, base and nearest symbol, or nil outside of every file. The C function is `dladdr`.
    static func information(of address: UInt64) -> Information? {
        typealias Lookup = @convention(c) (UInt, UnsafeMutableRawPointer) -> Int32
        let lookup: Lookup = function("dladdr")
        var information = Information()
        return lookup(UInt(address), &information) == 0 ? nil : information
    }

    /// The name of the function at an address.
    ///
    /// - Parameter address: Any address in it.
    /// - Returns: Its exported name, or "?".
    static func name(of address: UInt64) -> String {
        information(of: address)?.name.map { String(cString: $0) } ?? "?"
    }
}
