#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Demangles as the runtime does for its own backtraces, so that names are alike whoever found them.
///
/// The function is looked up while the program runs, because no module declares it: a runtime without it costs
/// readable names and nothing else.
enum SwiftDemangler {
    private typealias Function =
        @convention(c) (
            UnsafePointer<CChar>, Int, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<Int>?
        ) -> UnsafeMutablePointer<CChar>?

    private static let function: Function? = {
        guard let program = dlopen(nil, RTLD_LAZY), let found = dlsym(program, "_swift_backtrace_demangle")
        else {
            return nil
        }
        return unsafeBitCast(found, to: Function.self)
    }()

    /// The name for people.
    ///
    /// - Parameter symbol: A name as the linker knows it.
    /// - Returns: The demangled name; the same name if it isn't mangled or can't be demangled.
    static func demangle(_ symbol: String) -> String {
        guard symbol.hasPrefix("$s") || symbol.hasPrefix("_Z") || symbol.hasPrefix("_$s"), let function else {
            return symbol
        }
        var length = 0
        guard let name = function(symbol, symbol.utf8.count, nil, &length) else { return symbol }
        defer { free(name) }
        let demangled = String(cString: name)
        return demangled.isEmpty ? symbol : demangled
    }
}
