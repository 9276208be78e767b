//! The page that shows executions and their timelines to people, and the page of the API: plain modules and styles, part
//! of the program, without a build step. They know dagtrail only through the native API. Pure.

use crate::server::assets::Asset;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

macro_rules! file {
    ($name:literal, $media_type:expr) => {
        file!("/ui/", "page/", $name, $media_type)
    };
    ($place:literal, $folder:literal, $name:literal, $media_type:expr) => {
        Asset {
            paths: &[concat!($place, $name)],
            media_type: $media_type,
            bytes: include_bytes!(concat!($folder, $name)),
        }
    };
}

/// Every file of the page. The page itself stands at `/`, for the list, and below `/x`, for one execution.
pub const ASSETS: [Asset; 24] = [
    Asset {
        paths: &["/", "/x/{*which}"],
        media_type: HTML,
        bytes: include_bytes!("page/index.html"),
    },
    file!("icon.svg", PICTURE),
    file!("base.css", STYLE),
    file!("page.css", STYLE),
    file!("api.js", SCRIPT),
    file!("chart.js", SCRIPT),
    file!("detail.js", SCRIPT),
    file!("dom.js", SCRIPT),
    file!("elements.js", SCRIPT),
    file!("list.js", SCRIPT),
    file!("live.js", SCRIPT),
    file!("main.js", SCRIPT),
    file!("pieces.js", SCRIPT),
    file!("problem.js", SCRIPT),
    file!("run.js", SCRIPT),
    file!("settings.js", SCRIPT),
    file!("share.js", SCRIPT),
    file!("sse.js", SCRIPT),
    file!("table.js", SCRIPT),
    file!("time.js", SCRIPT),
    file!("token.js", SCRIPT),
    file!("trail.js", SCRIPT),
    file!("window.js", SCRIPT),
    file!("words.js", SCRIPT),
];

/// Every file of the page of the API, `/docs`, which is made of `/openapi.json` and of parts of the page.
pub const DOCS: [Asset; 7] = [
    Asset {
        paths: &["/docs"],
        media_type: HTML,
        bytes: include_bytes!("docs/index.html"),
    },
    file!("/docs/", "docs/", "docs.css", STYLE),
    file!("/docs/", "docs/", "curl.js", SCRIPT),
    file!("/docs/", "docs/", "docs.js", SCRIPT),
    file!("/docs/", "docs/", "prose.js", SCRIPT),
    file!("/docs/", "docs/", "sample.js", SCRIPT),
    file!("/docs/", "docs/", "shape.js", SCRIPT),
];
