// swift-tools-version: 6.2
import PackageDescription

// A service like any other. Outside this checkout, name LoopWatch's repository by its URL instead of a path.
let package = Package(
    name: "detect-blocking",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "ingest-bench", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .target(
            name: "Weather",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .executableTarget(
            name: "weather-server",
            dependencies: ["Weather", .product(name: "LoopWatch", package: "ingest-bench")]
        ),
        .testTarget(
            name: "WeatherTests",
            dependencies: ["Weather", .product(name: "LoopWatchTesting", package: "ingest-bench")]
        ),
    ]
)
