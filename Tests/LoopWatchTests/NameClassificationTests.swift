import Testing

import LoopWatch

/// Whose code a path or a name stands for.
@Suite struct NameClassificationTests {
    @Test(arguments: [
        "/srv/shop/Sources/Shop/Cart.swift", "/srv/shop/Tests/ShopTests/CartTests.swift",
        "/srv/shop/Examples/Hello/main.swift", "/build/Sources/App/routes.swift",
        "/usr/src/app/Sources/App/routes.swift",
        "/home/me/service/Tests/LoopWatchTests/SymbolicatorTests.swift",
        "/srv/shop/Sources/CShop/shop.c",
    ])
    func `a file of the package is the user's`(path: String) {
        #expect(!SourcePath(path: path).isForeign)
    }

    @Test(arguments: [
        "/srv/shop/.build/checkouts/swift-nio/Sources/NIOCore/EventLoop.swift",
        "/srv/shop/.build/nightly/checkouts/swift-nio/Sources/NIOCore/EventLoop.swift",
        "/Users/me/Shop.xcode/SourcePackages/checkouts/swift-nio/Sources/NIOCore/EventLoop.swift",
        "/home/build-user/swift/stdlib/public/core/Array.swift", "/usr/include/stdlib.h",
        "/opt/swift/usr/lib/swift/shims/Visibility.h", "/opt/swift/usr/lib/clang/21/include/xmmintrin.h",
        "./nptl/futex-internal.c", "../sysdeps/unix/sysv/linux/clock_nanosleep.c",
        "/home/me/service/Sources/LoopWatch/Names/Symbolicator.swift",
        "/home/me/service/Sources/LoopWatchTesting/LeakTrait.swift",
        "/home/me/service/Sources/CLoopProbe/shields.c",
    ])
    func `a file of a dependency, the toolchain, the system or LoopWatch is foreign`(path: String) {
        #expect(SourcePath(path: path).isForeign)
    }

    @Test(arguments: [
        ("/srv/shop/Sources/Shop/Cart.swift", "Sources/Shop/Cart.swift"),
        ("/srv/shop/Tests/ShopTests/CartTests.swift", "Tests/ShopTests/CartTests.swift"),
        ("/srv/shop/Examples/Hello/main.swift", "Examples/Hello/main.swift"),
        ("/home/me/Sources/shop/Sources/Shop/Cart.swift", "Sources/Shop/Cart.swift"),
        ("/srv/shop/main.swift", "main.swift"), ("Cart.swift", "Cart.swift"), ("/Sources", "Sources"),
        ("", ""),
    ])
    func `a short path begins at the last Sources, Tests or Examples`(path: String, short: String) {
        #expect(SourcePath(path: path).shortPath == short)
    }

    @Test(arguments: [
        "//<compiler-generated>", "<compiler-generated>", "", "<unknown>",
        "@__swiftmacro_9ShopTests004Cartswift_tAFJhfMX134_14_6expectfMf_.swift",
    ])
    func `code that the compiler wrote has no file`(path: String) {
        #expect(SourcePath(path: path).isCompilerGenerated)
        #expect(!SourcePath(path: "/srv/shop/Sources/Shop/Cart.swift").isCompilerGenerated)
    }

    @Test(arguments: [
        ("/lib/x86_64-linux-gnu/libc.so.6", true), ("/usr/lib/x86_64-linux-gnu/libcurl.so.4", true),
        ("/opt/swift/usr/lib/swift/linux/libswiftCore.so", true), ("/app/lib_FoundationICU.so", true),
        ("/usr/local/bin/shop", false), ("/app/shop", false), ("/app/libshop.so", false),
    ])
    func `an image of the system or the toolchain is foreign`(path: String, isForeign: Bool) {
        #expect(ImagePath(path: path).isForeign == isForeign)
    }

    @Test func `an image is named without its folder`() {
        #expect(ImagePath(path: "/lib/x86_64-linux-gnu/libc.so.6").name == "libc.so.6")
        #expect(ImagePath(path: "shop").name == "shop")
    }

    @Test(arguments: [
        ("ingestBlocking(_:)", "ingestBlocking(_:)"),
        ("(1) await resume partial function for ingestBlocking(_:)", "ingestBlocking(_:)"),
        ("(12) suspend resume partial function for Cart.pay(with:)", "Cart.pay(with:)"),
        ("specialized Cart.pay(with:)", "Cart.pay(with:)"),
        ("merged specialized Cart.pay(with:)", "Cart.pay(with:)"),
        ("specialized (3) suspend resume partial function for f()", "f()"),
        ("closure #1 in Cart.pay(with:)", "closure #1 in Cart.pay(with:)"),
        ("(anonymous namespace)::wait()", "(anonymous namespace)::wait()"), ("", ""), ("(", "("),
        ("pthread_mutex_lock@@GLIBC_2.2.5", "pthread_mutex_lock"), ("@main", "@main"),
        ("@objc closure #1 in f()", "@objc closure #1 in f()"),
    ])
    func `a function is shown under the name that its source has`(demangled: String, displayed: String) {
        #expect(FunctionName(demangled: demangled).displayed == displayed)
    }

    @Test(arguments: [
        (
            "protocol witness for Handler.read(context:) in conformance Echo<A>", "Echo<A>.read(context:)"
        ),
        ("partial apply for closure #1 in pay()", "closure #1 in pay()"), ("pay()", "pay()"),
    ])
    func `the code in an optimized thunk is that of the function it calls`(demangled: String, written: String)
    {
        #expect(FunctionName(demangled: demangled).written == written)
    }
}
