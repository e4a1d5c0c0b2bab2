import Testing

import LoopWatch

/// How often names and lines are asked for, and what becomes of the answers.
@Suite struct FrameLookupTests {
    private static let shop = "/app/shop"
    private static let checkout = "/srv/shop/.build/checkouts/swift-nio/Sources/NIOCore/EventLoop.swift"
    private static let cart = "/srv/shop/Sources/Shop/Cart.swift"

    /// Two addresses of the user's function, two of a dependency's, one of the system's, one of nothing.
    private static func resolver(givesPlaces: Bool = true) -> RecordedResolver {
        let pay = FrameName(function: "pay(_:)", symbol: "$pay", image: shop, offset: 0x10)
        let loop = FrameName(function: "EventLoop.run()", symbol: "$run", image: shop, offset: 0x20)
        let sleep = FrameName(function: "usleep", symbol: "usleep", image: "/lib/libc.so.6", offset: 0x30)
        return RecordedResolver(
            names: [0x100: pay, 0x101: pay, 0x200: loop, 0x201: loop, 0x300: sleep],
            places: [
                0x100: [place(cart, 7, "pay(_:)")], 0x101: [place(cart, 9, "pay(_:)")],
                0x200: [place(checkout, 70, "EventLoop.run()")],
            ],
            givesPlaces: givesPlaces
        )
    }

    private static func place(_ file: String?, _ line: Int, _ function: String) -> FramePlace {
        FramePlace(function: function, file: file, line: line, column: 3)
    }

    private static func lookup(_ resolver: RecordedResolver, capacity: Int = 100) -> FrameLookup {
        FrameLookup(resolver: resolver, capacity: capacity, stackCapacity: capacity)
    }

    private static func stack(_ addresses: UInt64...) -> RawStack {
        RawStack(addresses: addresses, kinds: [UInt8](repeating: 0, count: addresses.count))
    }

    @Test func `a line is looked up once an address`() {
        let resolver = Self.resolver()
        let lookup = Self.lookup(resolver)
        _ = lookup.frames(of: Self.stack(0x100, 0x101, 0x100))
        _ = lookup.frames(of: Self.stack(0x101, 0x100))
        #expect(resolver.questions == .init(names: 2, places: [0x100, 0x101]))
    }

    @Test func `a whole stack is known again without any question`() {
        let resolver = Self.resolver()
        let lookup = Self.lookup(resolver)
        let first = lookup.frames(of: Self.stack(0x300, 0x100))
        let asked = resolver.questions
        #expect(lookup.known(Self.stack(0x300, 0x100)) == first)
        #expect(lookup.frames(of: Self.stack(0x300, 0x100)) == first)
        #expect(resolver.questions == asked)
        #expect(lookup.known(Self.stack(0x100)) == nil)
    }

    @Test func `a foreign function is looked up at its first address alone, a system's at none`() {
        let resolver = Self.resolver()
        let frames = Self.lookup(resolver).frames(of: Self.stack(0x300, 0x200, 0x201, 0x100))
        #expect(resolver.questions.places == [0x200, 0x100])
        #expect(frames.map(\.function) == ["usleep", "EventLoop.run()", "EventLoop.run()", "pay(_:)"])
        #expect(frames.map(\.isUserCode) == [false, false, false, true])
        #expect(frames.map(\.line) == [nil, 70, nil, 7])
    }

    @Test func `code that the compiler added to a function doesn't decide whose the function is`() {
        let pay = FrameName(function: "pay(_:)", symbol: "$pay", image: Self.shop)
        let resolver = RecordedResolver(
            names: [0x100: pay, 0x101: pay],
            places: [
                0x100: [Self.place("//<compiler-generated>", 0, "pay(_:)")],
                0x101: [Self.place(Self.cart, 9, "pay(_:)")],
            ]
        )
        let frames = Self.lookup(resolver).frames(of: Self.stack(0x100, 0x101))
        #expect(frames.map(\.file) == [nil, Self.cart])
        #expect(frames.map(\.isUserCode) == [false, true])
    }

    @Test func `a full cache forgets nothing and takes nothing`() {
        let resolver = Self.resolver()
        let lookup = Self.lookup(resolver, capacity: 1)
        _ = lookup.frames(of: Self.stack(0x100))
        #expect(lookup.frames(of: Self.stack(0x101)).map(\.line) == [9])
        #expect(lookup.frames(of: Self.stack(0x101)).map(\.line) == [9])
        #expect(lookup.frames(of: Self.stack(0x100)).map(\.line) == [7])
        #expect(resolver.questions.places == [0x100, 0x101, 0x101])
    }

    @Test func `without lines there are names, and nobody is blamed`() {
        let resolver = Self.resolver(givesPlaces: false)
        let frames = Self.lookup(resolver).frames(of: Self.stack(0x100, 0x200))
        #expect(frames.map(\.function) == ["pay(_:)", "EventLoop.run()"])
        #expect(frames.allSatisfy { $0.line == nil && !$0.isUserCode })
        #expect(resolver.questions.places.isEmpty)
    }

    @Test func `an inlined function is a frame of its own before the one that holds it`() {
        let loop = FrameName(function: "EventLoop.run()", symbol: "$run", image: Self.shop, offset: 1)
        let places = [
            Self.place(Self.cart, 7, "closure #1 in pay(_:)"), Self.place(Self.checkout, 70, "run()"),
        ]
        let resolver = RecordedResolver(
            names: [0x100: loop, 0x101: loop],
            places: [0x100: places, 0x101: places]
        )
        let stack = RawStack(addresses: [0x100, 0x101], kinds: [0, 2])
        let frames = Self.lookup(resolver).frames(of: stack)
        #expect(frames.map(\.kind) == [.inlined, .call, .asyncCaller, .asyncCaller])
        #expect(frames.map(\.isUserCode) == [true, false, true, false])
        #expect(frames.map(\.address) == [0x100, 0x100, 0x101, 0x101])
        #expect(frames.first?.function == "closure #1 in pay(_:)")
    }

    @Test func `a last address of 0 is dropped, one in the middle is kept`() {
        let stack = RawStack(addresses: [0x100, 0, 0x200, 0], kinds: [0, 1, 1, 1])
        #expect(stack.entries.map(\.address) == [0x100, 0, 0x200])
        #expect(stack.entries.map(\.lookup) == [0x100, 0, 0x1ff])
        #expect(RawStack(addresses: [0], kinds: [0]).entries.isEmpty)
        #expect(RawStack(addresses: [], kinds: []).entries.isEmpty)
    }
}
