/// Stacks put together from the outermost frame on: what a flame graph draws.
package struct FlameTree: Sendable, Hashable {
    /// One frame, under all the frames around it.
    package struct Node: Sendable, Hashable {
        /// The text in the frame.
        package var name: String
        /// The place in the source; `nil` if unknown.
        package var place: String?
        /// How the frame came into its stack.
        package var kind: StackFrame.Kind
        /// Whether it is the user's.
        package var isUserCode: Bool
        /// The blocked time.
        package var nanoseconds: Int64
        /// The frames that it called, in order of their names.
        package var children: [Node]
    }

    /// All blocked time, with the threads as children.
    package let root: Node
    /// How many rows it takes.
    package var depth: Int { Self.depth(of: root) }

    /// Puts the stacks of blocks together.
    ///
    /// - Parameter blocks: The blocks.
    package init(_ blocks: [LoopBlock]) {
        let stacks = WeightedStack.stacks(of: blocks).filter { $0.nanoseconds > 0 }
        let threads = Dictionary(grouping: stacks, by: \.thread).sorted { $0.key < $1.key }
        let total = stacks.reduce(0) { $0 + $1.nanoseconds }
        let children = threads.map { thread, stacks in
            Self.node(name: thread, children: Self.children(stacks.map(Self.path), total: total), stacks)
        }
        root = Self.node(name: "all", children: Self.merged(children, total: total), stacks)
    }

    private typealias Path = (frames: ArraySlice<StackFrame>, nanoseconds: Int64)

    private struct Key: Hashable {
        let name: String
        let file: String?
        let kind: StackFrame.Kind
        let isUserCode: Bool

        init(_ frame: StackFrame) {
            name = frame.fullName
            file = frame.file
            kind = frame.kind
            isUserCode = frame.isUserCode
        }

        /// Decides where one frame stands among its siblings.
        var order: [String] { [name, file ?? "", kind.rawValue, isUserCode ? "1" : "0"] }
    }

    private static func path(_ stack: WeightedStack) -> Path {
        let frames = stack.frames.isEmpty ? [StackFrame(function: "no stack")] : stack.frames
        return (frames.reversed()[...], stack.nanoseconds)
    }

    private static func node(name: String, children: [Node], _ stacks: [WeightedStack]) -> Node {
        Node(
            name: name,
            place: nil,
            kind: .call,
            isUserCode: false,
            nanoseconds: stacks.reduce(0) { $0 + $1.nanoseconds },
            children: children
        )
    }

    private static func children(_ paths: [Path], total: Int64) -> [Node] {
        let keyed = paths.compactMap { path in path.frames.first.map { (key: Key($0), path: path) } }
        let groups = Dictionary(grouping: keyed, by: \.key).sorted {
            $0.key.order.lexicographicallyPrecedes($1.key.order)
        }
        let nodes = groups.compactMap { key, members -> Node? in
            guard let frame = members.first?.path.frames.first else { return nil }
            let inner = members.map { (frames: $0.path.frames.dropFirst(), nanoseconds: $0.path.nanoseconds) }
            return Node(
                name: key.name,
                place: frame.linePlace,
                kind: key.kind,
                isUserCode: key.isUserCode,
                nanoseconds: members.reduce(0) { $0 + $1.path.nanoseconds },
                children: children(inner, total: total)
            )
        }
        return merged(nodes, total: total)
    }

    /// Puts siblings under 0.1 % of all into one: they would be too narrow to see.
    private static func merged(_ nodes: [Node], total: Int64) -> [Node] {
        let small = nodes.filter { $0.nanoseconds < total / 1000 }
        guard !small.isEmpty else { return nodes }
        let rest = Node(
            name: small.count == 1 ? "1 small frame" : "\(small.count) small frames",
            place: nil,
            kind: .call,
            isUserCode: false,
            nanoseconds: small.reduce(0) { $0 + $1.nanoseconds },
            children: []
        )
        return nodes.filter { $0.nanoseconds >= total / 1000 } + [rest]
    }

    private static func depth(of node: Node) -> Int {
        1 + (node.children.map(depth).max() ?? 0)
    }
}
