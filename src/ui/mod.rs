//! The page that shows executions and their timelines to people: plain modules and styles, part of the program, without
//! a build step. It knows dagtrail only through the native API. Pure.

use crate::server::assets::Asset;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

macro_rules! file {
    ($name:literal, $media_type:expr) => {
        Asset {
            paths: &[concat!("/ui/", $name)],
            media_type: $media_type,
            bytes: include_bytes!(concat!("page/", $name)),
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
