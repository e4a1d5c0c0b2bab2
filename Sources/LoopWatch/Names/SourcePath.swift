/// The path of a source file as the compiler noted it, and whose file it is.
package struct SourcePath: Hashable {
    /// The path in full.
    package let path: String

    /// Takes a path.
    ///
    /// - Parameter path: The path in full.
    package init(path: String) { self.path = path }

    /// Whether the compiler wrote the code itself; what macros expand to lies in files that exist nowhere.
    package var isCompilerGenerated: Bool {
        path.isEmpty || path.hasSuffix("<compiler-generated>") || path.hasSuffix("<unknown>")
            || path.split(separator: "/").last?.hasPrefix("@__swiftmacro_") == true
    }

    /// Whether the file is that of a dependency, the toolchain, the system or LoopWatch: nobody to blame.
    ///
    /// `/usr/src` is no part of the system here: container images build programs there.
    package var isForeign: Bool {
        if path.hasPrefix("/usr/") && !path.hasPrefix("/usr/src/") { return true }
        if Self.foreignStarts.contains(where: path.hasPrefix) { return true }
        // Older debug information has the paths of other modules' code relative to the package.
        let rooted = "/" + path
        return Self.foreignParts.contains(where: rooted.contains)
    }

    /// Whether the file is LoopWatch's.
    package var isOwn: Bool {
        ["/Sources/LoopWatch/", "/Sources/LoopWatchTesting/"].contains(where: ("/" + path).contains)
    }

    /// The path from `Sources/`, `Tests/` or `Examples/` on; the file alone where it has no such folder.
    ///
    /// The last of these folders counts: a checkout below someone else's `Sources` keeps its own.
    package var shortPath: String {
        let parts = path.split(separator: "/")
        guard let start = parts.dropLast().lastIndex(where: { Self.roots.contains(String($0)) }) else {
            return parts.last.map(String.init) ?? path
        }
        return parts[start...].joined(separator: "/")
    }

    private static let roots: Set<String> = ["Sources", "Tests", "Examples"]

    /// Where swift.org builds the toolchain, whose static libraries keep those paths; relative paths of glibc.
    private static let foreignStarts = ["/home/build-user/", "./", "../", "/nix/store/", "/snap/"]

    private static let foreignParts = [
        "/.build/", "/SourcePackages/checkouts/", "/usr/lib/swift/", "/usr/lib/clang/",
        "/usr/lib/swift_static/", "/usr/include/", ".xctoolchain/", ".sdk/", "/Sources/LoopWatch/",
        "/Sources/LoopWatchTesting/", "/Sources/CLoopProbe/", "/swift-generated-sources/",
    ]
}
