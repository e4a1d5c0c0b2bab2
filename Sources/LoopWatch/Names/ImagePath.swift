/// The path of a program or library that is mapped into the process.
package struct ImagePath: Hashable {
    /// The path in full.
    package let path: String

    /// Takes a path.
    ///
    /// - Parameter path: The path in full.
    package init(path: String) { self.path = path }

    /// The file's name: `libc.so.6`.
    package var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Whether the system or the toolchain brought it, so that its functions need no look at their lines.
    ///
    /// The toolchain's libraries are known by name too, because programs are shipped with copies of them.
    package var isForeign: Bool {
        if Self.folders.contains(where: path.hasPrefix) || path.contains("/usr/lib/swift/") { return true }
        return Self.libraries.contains(where: name.hasPrefix)
    }

    private static let folders = ["/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/System/Library/"]

    private static let libraries = [
        "libswift", "libFoundation", "lib_Foundation", "libdispatch", "libBlocksRuntime", "libTesting",
        "libXCTest", "lib_Testing", "linux-vdso", "[vdso]", "ld-linux", "ld-musl",
    ]
}
