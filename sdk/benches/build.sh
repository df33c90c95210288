#!/usr/bin/env bash
# What generating and building cost: CPU seconds (user + system) and seconds on the clock of the
# generator, of the SDK crate alone, of a program with one call and of the same with nothing but the
# HTTP client; their sizes and their crates. Needs git, cargo and the shell.
#
#   sdk/benches/build.sh            # in folders of its own below target/
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
work=$root/target/bench-build
rm -rf "$work"
mkdir -p "$work"
TIMEFORMAT='%U %S %R'

cost() { # label, command...
    local label=$1 spent
    shift
    spent=$({ time "$@" >"$work/log" 2>&1; } 2>&1) || { cat "$work/log"; exit 1; }
    awk -v label="$label" '{ printf "%-52s %7.2f CPU s %7.2f s\n", label, $1 + $2, $3 }' <<<"$spent"
}

in_copy() { # folder: the tracked files as they are now
    mkdir -p "$1"
    git ls-files -z | tar --create --null --files-from - | tar --extract --directory "$1"
}

generator() {
    in_copy "$work/clone"
    cd "$work/clone"
    export CARGO_TARGET_DIR=$PWD/target
    cost "codegen, from a fresh clone, compile included" cargo xtask codegen
    for _ in 1 2 3; do
        cost "codegen, nothing to write" "$CARGO_TARGET_DIR/debug/xtask" codegen --check
    done
    cargo check --quiet --package cloudnet
    for word in one other third; do
        sed -i "s/^summary: .*/summary: Creates a VPC, the $word way./" spec/alibaba/vpc/vpc/CreateVpc.yaml
        cost "one YAML edited: codegen, cargo check" sh -c 'cargo xtask codegen && cargo check --package cloudnet'
    done
}

sdk_alone() { # label, features...
    local label=$1 kind build
    shift
    export CARGO_TARGET_DIR=$work/sdk
    cd "$root"
    for kind in check dev release; do
        case $kind in
            check) build=(cargo check) ;;
            dev) build=(cargo build) ;;
            release) build=(cargo build --release) ;;
        esac
        build+=(--package cloudnet "$@")
        "${build[@]}" --quiet
        for _ in 1 2 3; do
            touch sdk/src/lib.rs
            cost "cloudnet alone, $label, $kind" "${build[@]}"
        done
    done
}

program() { # name, dependency lines; the program on standard input
    local name=$1 dependencies=$2
    mkdir -p "$work/$name/src"
    cd "$work/$name"
    cat >src/main.rs
    printf '%s\n' '[package]' "name = \"$name\"" 'version = "0.0.0"' 'edition = "2024"' \
        '[profile.release]' 'strip = true' '[workspace]' '[dependencies]' \
        'tokio = { version = "1", features = ["rt", "net", "time"] }' "$dependencies" >Cargo.toml
    cp "$root/Cargo.lock" .
    export CARGO_TARGET_DIR=$PWD/target
    cost "$name, clean, dev" cargo build
    cost "$name, clean, release" cargo build --release
    printf '%-52s %7.2f MB\n' "$name, stripped release binary" \
        "$(awk -v bytes="$(wc -c <"$CARGO_TARGET_DIR/release/$name")" 'BEGIN { print bytes / 1000000 }')"
    printf '%-52s %7d crates\n' "$name" \
        "$(cargo tree --edges normal,build --prefix none --no-dedupe | sed 's/ (\*)//' | sort -u | wc -l)"
}

one_call() { # name, features of the dependency
    program "$1" "cloudnet = { path = \"$root/sdk\"$2 }" <<'RUST'
fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let vpc = cloudnet::vpc::Client::builder().region("cn-hangzhou").build().unwrap();
    println!("{:?}", runtime.block_on(vpc.create_vpc().vpc_name("prod").send()));
}
RUST
}

one_call_without_transport() { # name, features of the dependency
    program "$1" "cloudnet = { path = \"$root/sdk\"$2 }"$'\n''bytes = "1"'$'\n''http = "1"' <<'RUST'
use cloudnet::transport::{Limits, ResponseFuture, Transport};

#[derive(Debug)]
struct Own;

impl Transport for Own {
    fn send<'a>(&'a self, _: http::Request<bytes::Bytes>, _: Limits) -> ResponseFuture<'a> {
        Box::pin(std::future::ready(Ok(http::Response::new(bytes::Bytes::from_static(b"{}")))))
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let builder = cloudnet::vpc::Client::builder().region("cn-hangzhou").transport(std::sync::Arc::new(Own));
    let vpc = builder.build().unwrap();
    println!("{:?}", runtime.block_on(vpc.create_vpc().vpc_name("prod").send()));
}
RUST
}

nothing_but_the_client() { # name, feature of reqwest, provider of rustls
    local client="{ version = \"0.13\", default-features = false, features = [\"$2\", \"system-proxy\"] }"
    local tls="{ version = \"0.23\", default-features = false, features = [\"$3\", \"std\", \"tls12\"] }"
    program "$1" "reqwest = $client"$'\n'"rustls = $tls" <<RUST
fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    rustls::crypto::$3::default_provider().install_default().unwrap();
    println!("{:?}", runtime.block_on(reqwest::get("https://vpc.aliyuncs.com")));
}
RUST
}

generator
# What has not changed counts too.
export CARGO_INCREMENTAL=0
sdk_alone "all services"
sdk_alone "vpc-vpc" --no-default-features --features vpc-vpc
sdk_alone "ga" --no-default-features --features ga
services='"aws-global-accelerator", "ga", "privatelink", "vpc"'
one_call one-call ''
one_call one-call-on-ring ", default-features = false, features = [$services, \"ring\"]"
one_call one-call-of-a-chapter-on-ring ', default-features = false, features = ["vpc-vpc", "ring"]'
one_call_without_transport one-call-without-transport ", default-features = false, features = [$services]"
nothing_but_the_client bare-client rustls aws_lc_rs
nothing_but_the_client bare-client-on-ring rustls-no-provider ring
