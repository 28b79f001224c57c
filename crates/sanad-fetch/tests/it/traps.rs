//! One test for each way in which a publisher has been seen to surprise a program.

use sanad_fetch::FetchStatus;

use crate::server::{Reply, Server, file};
use crate::support::{Lab, TABLE, archive, catalogue, listed, md5, sha256, table};

const ZIP: &str = "[source.expected]\nkind = \"zip\"\nmember = \"GEDEvent_v*.csv\"\ncolumns = [\"id\", \"best\"]\n";

#[test]
fn a_page_of_html_with_200_is_no_data() {
    for page in [
        "<!DOCTYPE html><html><body>Please log in</body></html>",
        "\u{feff}\n <HTML><head></head></HTML>",
        "<?xml version=\"1.0\"?><html/>",
    ] {
        for expected in [TABLE, ZIP, "[source.expected]\nkind = \"json\"\n", ""] {
            let server = Server::start(move |_| Reply::ok(page).with("content-type", "text/csv"));
            let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), expected, ""));
            assert!(message.contains("a page of HTML"), "{message}");
        }
    }
}

#[test]
fn an_error_object_with_200_is_no_table() {
    let server = Server::start(|_| Reply::ok("{\"error\":\"unknown indicator\"}"));
    let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("gave JSON, expected a table"), "{message}");
}

#[test]
fn an_empty_answer_is_no_data_and_202_from_a_firewall_is_a_refusal() {
    let server = Server::start(|_| Reply::ok(""));
    let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("gave nothing"), "{message}");
    let server = Server::start(|_| Reply::new(202, "").with("x-amzn-waf-action", "challenge"));
    let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("202") && message.contains("refuses programs"), "{message}");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_refusal_by_the_name_of_the_program_says_so_and_a_catalogue_can_give_another_name() {
    let html = "<html><head><title>403 Forbidden</title></head></html>";
    for status in [403, 406] {
        let server = Server::start(move |asked| match asked.header("user-agent") {
            Some("an agreed name") => file(asked, &table(5), "\"one\""),
            _ => Reply::new(status, html),
        });
        let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
        assert!(message.contains("refuses programs, perhaps by their name"), "{message}");
        assert!(!message.contains("<html>"), "{message}");
        Lab::new().had(&catalogue(
            &server.url("/data.csv"),
            TABLE,
            "user_agent = \"an agreed name\"\n",
        ));
    }
}

#[test]
fn a_candidate_file_without_a_header_is_taken_as_it_is_and_said() {
    let server = Server::start(|_| Reply::ok("900005,2099-01-25,2\n900006,2099-01-26,3\n"));
    let (row, _) = Lab::new().had(&catalogue(&server.url("/GEDEvent_v99_0_3.csv"), TABLE, ""));
    assert!(row.notes[0].contains("has no header"), "{:?}", row.notes);
    // With another number of fields it is some other table.
    let server = Server::start(|_| Reply::ok("900005,2099-01-25\n"));
    let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("without these columns"), "{message}");
}

#[test]
fn a_mark_at_the_beginning_and_line_breaks_in_quotes_are_part_of_a_table() {
    let body = "\u{feff}id,date_start,best\n1,\"2099\nsecond line, with a comma\",3\n";
    for has_length in [true, false] {
        let server = Server::start(move |_| {
            let reply = Reply::ok(body);
            if has_length { reply } else { reply.without_length() }
        });
        let (row, bytes) = Lab::new().had(&catalogue(&server.url("/data.csv"), TABLE, ""));
        assert_eq!(bytes, body.as_bytes());
        assert!(row.notes[0].contains("byte-order mark"), "{:?}", row.notes);
    }
}

#[test]
fn a_row_of_tags_below_the_header_is_said() {
    let server = Server::start(|_| {
        Reply::ok("id,date_start,best\n#event+code,#date+start,#affected+killed\n1,2099-01-01,4\n")
    });
    let (row, _) = Lab::new().had(&catalogue(&server.url("/conflict_data_exl.csv"), TABLE, ""));
    assert!(row.notes[0].contains("HXL"), "{:?}", row.notes);
}

#[test]
fn another_table_under_the_same_name_is_refused() {
    let server =
        Server::start(|_| Reply::ok("event_id_cnty,event_date,fatalities\nEXL1,2099-01-01,4\n"));
    let expected = TABLE.replace("fields = 3\n", "");
    let message =
        Lab::new().refused(&catalogue(&server.url("/conflict_data_exl.csv"), &expected, ""));
    assert!(message.contains("without these columns"), "{message}");
}

#[test]
fn a_header_below_other_lines_is_found_by_its_content() {
    let body = "\"Invented extract\"\n\"\"\n\"\"\nid,date_start,best\n1,2099,3\n";
    let server = Server::start(move |_| Reply::ok(body));
    let expected = format!("{TABLE}header_within = 15\n");
    let (row, _) = Lab::new().had(&catalogue(&server.url("/data.csv"), &expected, ""));
    assert!(row.notes[0].contains("3 lines stand above"), "{:?}", row.notes);
}

#[test]
fn a_table_cut_by_a_server_that_states_no_length_is_noticed() {
    let server =
        Server::start(|_| Reply::ok("id,date_start,best\n1,2099-01-01,3\n2,2099").without_length());
    let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("cut short"), "{message}");
}

#[test]
fn a_pointer_of_git_lfs_leads_to_the_file_and_its_sum_is_checked() {
    let data = b"{\"type\":\"FeatureCollection\",\"features\":[]}";
    for is_right in [true, false] {
        let sum = if is_right { sha256(data) } else { "0".repeat(64) };
        let server = Server::start(move |asked| match asked.path.as_str() {
            "/raw/abc/x.geojson" => Reply::ok(format!(
                "version https://git-lfs.github.com/spec/v1\noid sha256:{sum}\nsize {}\n",
                data.len()
            )),
            "/media/abc/x.geojson" => Reply::ok(data),
            _ => Reply::new(404, ""),
        });
        let rule = format!(
            "[publisher.large_files]\nfrom = \"{}\"\nto = \"{}\"\n",
            server.url("/raw/"),
            server.url("/media/")
        );
        let text = catalogue(
            &server.url("/raw/abc/x.geojson"),
            "[source.expected]\nkind = \"json\"\n",
            &rule,
        );
        if is_right {
            assert_eq!(Lab::new().had(&text).1, data);
        } else {
            assert!(Lab::new().refused(&text).contains("SHA-256"));
        }
        let without = catalogue(&server.url("/raw/abc/x.geojson"), "", "");
        assert!(Lab::new().refused(&without).contains("a pointer of Git LFS"));
    }
}

#[test]
fn an_archive_is_looked_into_and_its_companions_are_passed_over() {
    let data = table(20);
    let sound = archive(&[
        ("__MACOSX/._GEDEvent_v99_1.csv", b"x"),
        ("code book.pdf", b"%PDF"),
        ("a folder/GEDevent_v99_1.CSV", &data),
    ]);
    let server = Server::start(move |_| Reply::ok(sound.clone()));
    Lab::new().had(&catalogue(&server.url("/ged991-csv.zip"), ZIP, ""));
    for (members, words) in [
        (vec![("code book.pdf", &b"%PDF"[..])], "without that file"),
        (
            vec![("GEDEvent_v1.csv", &data[..]), ("GEDEvent_v2.csv", &data[..])],
            "several such files",
        ),
        (vec![("GEDEvent_v1.csv", &b"a,b\n1,2\n"[..])], "without these columns"),
    ] {
        let bad = archive(&members);
        let server = Server::start(move |_| Reply::ok(bad.clone()));
        let message = Lab::new().refused(&catalogue(&server.url("/x.zip"), ZIP, ""));
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn an_archive_that_is_damaged_or_cut_inside_is_refused() {
    let mut bytes = archive(&[("GEDEvent_v99_1.csv", &table(200))]);
    let cut = bytes[..bytes.len() / 2].to_vec();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0xff;
    for bad in [bytes, cut] {
        let server = Server::start(move |_| Reply::ok(bad.clone()).without_length());
        let message = Lab::new().refused(&catalogue(&server.url("/x.zip"), ZIP, ""));
        assert!(message.contains("damaged"), "{message}");
    }
}

#[test]
fn a_member_whose_number_changes_is_found_by_its_name() {
    let body = b"\"Data Source\",\"WDI\",\n\n\"Last Updated Date\",\"2099-01-02\",\n\nCountry Name,Country Code,Indicator Name,Indicator Code,2096,\nExampleland,EXL,I,XX.INV,11,\n";
    let expected = "[source.expected]\nkind = \"zip\"\nmember = \"API_*_DS2_*.csv\"\ncolumns = [\"Country Code\", \"Indicator Code\"]\nheader_within = 5\n";
    for number in [1, 424_242] {
        let name = format!("API_XX.INV_DS2_en_csv_v2_{number}.csv");
        let bytes =
            archive(&[("Metadata_Country_API_XX.INV_DS2_en_csv_v2_1.csv", b"x"), (&name, body)]);
        let server = Server::start(move |_| Reply::ok(bytes.clone()));
        Lab::new().had(&catalogue(&server.url("/x.zip"), expected, ""));
    }
}

#[test]
fn a_date_of_change_that_is_the_moment_of_the_request_is_not_used() {
    let server = Server::start(|_| {
        Reply::ok(table(5))
            .with("last-modified", "Sun, 29 Nov 2026 12:00:00 GMT")
            .with("etag", "\"x\"")
    });
    let (lab, text) = (
        Lab::new(),
        catalogue(&server.url("/data.csv"), &format!("validators = false\n{TABLE}"), ""),
    );
    lab.had(&text);
    // The same bytes are recognised by their sum instead.
    assert_eq!(lab.had(&text).0.status, FetchStatus::Unchanged);
    assert!(server.asked().iter().all(|asked| asked.header("if-modified-since").is_none()
        && asked.header("if-none-match").is_none()));
}

#[test]
fn a_packed_answer_that_was_not_asked_for_is_refused() {
    let server = Server::start(|_| Reply::ok(table(5)).with("content-encoding", "gzip"));
    let message = Lab::new().refused(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert!(message.contains("not asked for"), "{message}");
    assert_eq!(server.asked()[0].header("accept-encoding"), Some("identity"));
}

#[test]
fn an_address_that_is_gone_names_the_page_and_what_to_do() {
    let server = Server::start(|_| Reply::new(404, "not found"));
    let row = Lab::new().row(&catalogue(&server.url("/data.csv"), TABLE, ""));
    assert_eq!(row.page, "https://example.org/get");
    assert!(row.error.unwrap().hint().unwrap().contains("--catalogue"));
}

#[test]
fn what_a_person_must_get_is_not_asked_for() {
    let server = Server::start(|_| Reply::ok(table(5)));
    let message = Lab::new().refused(&catalogue(
        &server.url("/data.csv"),
        "access = \"person\"\nnote = \"A form asks who you are.\"\n",
        "",
    ));
    assert!(message.contains("A form asks who you are."), "{message}");
    assert!(server.asked().is_empty());
}

fn links(server: &Server, pattern: &str, rest: &str) -> String {
    listed(&format!(
        "{TABLE}[source.lookup]\nkind = \"ucdp-links\"\nurl = \"{}\"\npattern = \"{pattern}\"\n{rest}",
        server.url("/downloads/")
    ))
}

#[test]
fn the_newest_candidate_months_are_found_on_the_page_of_links() {
    let page = "<a href=\"ged/ged991-csv.zip\">a</a><a href='candidateged/GEDEvent_v99_0_10.csv'>b</a>\
        <a href=\"candidateged/GEDEvent_v99_0_9.csv\">c</a><a href=\"candidateged/GEDEvent_v99_01_99_08.csv\">d</a>\
        <a href=\"vpp/GEDEvent_v99_1_4_9901_9912.csv\">e</a>";
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/downloads/" => Reply::ok(page),
        _ => Reply::ok(table(5)),
    });
    let lab = Lab::new();
    let rows = lab.rows(&links(
        &server,
        "/candidateged/GEDEvent_v{version}.csv",
        "finals = \"/ged/ged{version}-csv.zip\"\n",
    ));
    let releases: Vec<&str> = rows.iter().filter_map(|row| row.release.as_deref()).collect();
    assert_eq!(releases, ["99.01.99.08", "99.0.9", "99.0.10"]);
    assert!(rows.iter().all(|row| row.status == FetchStatus::Fetched), "{rows:?}");
    assert_eq!(lab.finished().len(), 3);
}

#[test]
fn a_page_of_links_that_changed_falls_back_on_the_release_that_is_known() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/downloads/" => Reply::ok("<html>We have moved</html>"),
        _ => Reply::ok(table(5)),
    });
    let release = format!(
        "[[source.release]]\nversion = \"98.1\"\nurl = \"{}\"\n",
        server.url("/ged/ged981.csv")
    );
    let (row, _) = Lab::new().had(&links(&server, "/ged/ged{version}.csv", &release));
    assert_eq!(row.release.as_deref(), Some("98.1"));
    assert!(row.notes[0].contains("list of releases could not be used"), "{:?}", row.notes);
}

#[test]
fn a_resource_whose_number_changes_is_looked_up_each_time() {
    let server = Server::start_knowing(|asked, base| match asked.path.as_str() {
        "/api?id=ucdp-data-for-exl" => Reply::ok(format!(
            "{{\"success\":true,\"result\":{{\"license_id\":\"cc-by-igo\",\"resources\":[{{\"name\":\"x\",\"url\":\"{base}/{}/conflict_data_exl.csv\",\"size\":1,\"hash\":\"\",\"last_modified\":\"2099-06-20T10:00:00\"}}]}}}}",
            asked.before
        )),
        _ => Reply::ok(table(5)),
    });
    let source = format!(
        "{TABLE}[source.lookup]\nkind = \"ckan\"\nurl = \"{}\"\nresource = \"conflict_data_{{iso3}}.csv\"\n",
        server.url("/api?id=ucdp-data-for-{iso3}")
    );
    let lab = Lab::new();
    let (row, _) = lab.had(&listed(&source));
    assert_eq!(row.licence, "cc-by-igo");
    let card = std::fs::read_to_string(row.card.unwrap()).unwrap();
    assert!(card.contains("released = \"2099-06-20\"") && card.contains("cc-by-igo"), "{card}");
    lab.had(&listed(&source));
    assert!(server.asked()[3].path.starts_with("/2/"));
    let server = Server::start(|_| {
        Reply::new(404, "{\"success\":false,\"error\":{\"message\":\"Not found\"}}")
    });
    let gone = listed(&source.replace("url = \"", &format!("url = \"{}?", server.url("/"))));
    assert!(Lab::new().refused(&gone).contains("404"));
}

#[test]
fn a_licence_that_differs_by_file_stands_on_its_card() {
    let server = Server::start_knowing(|asked, base| match asked.path.as_str() {
        "/api/EXL/ADM1/" => Reply::ok(format!(
            "{{\"boundaryID\":\"EXL-ADM1-1\",\"boundaryLicense\":\"ODbL 1.0\",\"boundarySource\":\"Invented Mapping Office\",\"admUnitCount\":\"2\",\"gjDownloadURL\":\"{base}/x.geojson\"}}"
        )),
        _ => Reply::ok("{\"type\":\"FeatureCollection\",\"features\":[]}"),
    });
    let source = format!(
        "[source.expected]\nkind = \"json\"\n[source.lookup]\nkind = \"geoboundaries\"\nurl = \"{}\"\n",
        server.url("/api/EXL/ADM1/")
    );
    let lab = Lab::new();
    let (row, _) = lab.had(&listed(&source));
    let card = std::fs::read_to_string(row.card.unwrap()).unwrap();
    assert!(
        card.contains("ODbL 1.0") && card.contains("source: Invented Mapping Office"),
        "{card}"
    );
}

#[test]
fn sizes_and_sums_of_a_list_are_held_against_the_file() {
    for (shift, is_sound) in [(0, true), (1, false)] {
        let bytes = archive(&[("1.export.CSV", b"1\t2\n")]);
        let sum = md5(&bytes);
        let server = Server::start_knowing(move |asked, base| match asked.path.as_str() {
            "/lastupdate.txt" => Reply::ok(format!(
                "{} {sum} {base}/1.export.CSV.zip\n5 {sum} {base}/1.gkg.csv.zip\n",
                bytes.len() + shift
            )),
            _ => Reply::ok(bytes.clone()),
        });
        let source = format!(
            "[source.expected]\nkind = \"zip\"\n[source.lookup]\nkind = \"listing\"\nurl = \"{}\"\nsuffix = \".export.CSV.zip\"\n",
            server.url("/lastupdate.txt")
        );
        if is_sound {
            Lab::new().had(&listed(&source));
        } else {
            assert!(Lab::new().refused(&listed(&source)).contains("size in bytes"));
        }
    }
}

#[test]
fn a_listed_file_that_is_not_there_is_said_and_no_more() {
    let server = Server::start_knowing(|asked, base| match asked.path.as_str() {
        "/lastupdate.txt" => Reply::ok(format!("5 {} {base}/1.export.CSV.zip\n", "a".repeat(32))),
        _ => Reply::new(404, ""),
    });
    let source = format!(
        "[source.lookup]\nkind = \"listing\"\nurl = \"{}\"\nsuffix = \".zip\"\n",
        server.url("/lastupdate.txt")
    );
    assert!(Lab::new().refused(&listed(&source)).contains("404"));
}

#[test]
fn the_newest_run_is_found_in_a_list_that_is_not_sorted() {
    let server = Server::start_knowing(|asked, base| match asked.path.as_str() {
        "/" => Reply::ok(
            "{\"runs\":[\"escwa_2091_02_01\",\"fatalities003_2098_12_t01\",\"fatalities001_2099_00_t01\",\"fatalities002_2098_12_t01\",\"r_2099_12_01\"]}",
        ),
        "/fatalities003_2098_12_t01/cm/sb" => Reply::ok(format!(
            "{{\"next_page\":\"{base}/fatalities003_2098_12_t01/cm/sb?page=2\",\"prev_page\":\"\",\"row_count\":2,\"data\":[{{\"country_id\":1,\"month_id\":2,\"main_mean\":0.5}}]}}"
        )),
        "/fatalities003_2098_12_t01/cm/sb?page=2" => Reply::ok(
            "{\"next_page\":\"\",\"prev_page\":\"x\",\"row_count\":2,\"data\":[{\"country_id\":1,\"month_id\":3,\"main_mean\":1}]}",
        ),
        _ => Reply::new(422, ""),
    });
    let source = format!(
        "[source.expected]\nkind = \"pages\"\nenvelope = \"views\"\ncolumns = [\"country_id\", \"month_id\"]\n[source.lookup]\nkind = \"runs\"\nurl = \"{}\"\ndownload = \"{}\"\n",
        server.url("/"),
        server.url("/{run}/cm/sb")
    );
    let (row, bytes) = Lab::new().had(&listed(&source));
    assert_eq!(row.release.as_deref(), Some("fatalities003_2098_12_t01"));
    assert_eq!(String::from_utf8_lossy(&bytes), "country_id,main_mean,month_id\n1,0.5,2\n1,1,3\n");
}

#[test]
fn the_newest_file_of_an_archive_is_found_and_its_sum_held() {
    let data = b"event\tdate\n1\t2099\n";
    let sum = md5(data);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/api" => Reply::ok(format!(
            "{{\"status\":\"OK\",\"data\":{{\"latestVersion\":{{\"files\":[{{\"restricted\":false,\"dataFile\":{{\"id\":7,\"filename\":\"ngecEvents.2.DV.txt\",\"filesize\":{},\"md5\":\"{sum}\"}}}},{{\"dataFile\":{{\"id\":6,\"filename\":\"ngecEvents.1.DV.txt\"}}}}]}}}}}}",
            data.len()
        )),
        "/file/7" => Reply::ok(&data[..]),
        _ => Reply::new(403, "<html><head><title>403 Forbidden</title></head></html>"),
    });
    let source = format!(
        "[source.expected]\nkind = \"csv\"\nseparator = \"\\t\"\n[source.lookup]\nkind = \"dataverse\"\nurl = \"{}\"\nfile = \"ngecEvents.*.DV.txt\"\ndownload = \"{}\"\n",
        server.url("/api"),
        server.url("/file/{id}")
    );
    let (row, bytes) = Lab::new().had(&listed(&source));
    assert_eq!(bytes, data);
    assert!(row.file.unwrap().ends_with("ngecEvents.2.DV.txt"));
}

#[test]
fn a_name_that_a_server_gives_reaches_no_other_folder() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/list" => Reply::ok(format!("{}  ../../../evil.csv\n", md5(&table(5)))),
        _ => Reply::ok(table(5)),
    });
    let source = format!(
        "{TABLE}[source.lookup]\nkind = \"checksums\"\nurl = \"{}\"\nfile = \"*.csv\"\ndownload = \"{}\"\n",
        server.url("/list"),
        server.url("/x/{name}")
    );
    let lab = Lab::new();
    let (row, _) = lab.had(&listed(&source));
    assert_eq!(row.file.unwrap(), lab.path().join("s/evil.csv"));
}

#[test]
fn an_answer_that_takes_long_to_begin_comes_within_the_time_that_the_catalogue_gives() {
    use std::time::Duration;
    let server = Server::start(|asked| {
        if asked.before == 0 {
            std::thread::sleep(Duration::from_millis(1500));
        }
        Reply::ok(table(5))
    });
    let quick = catalogue(&server.url("/data.csv"), TABLE, "")
        .replace("timeout_seconds = 2", "timeout_seconds = 1");
    Lab::new().had(&quick);
    assert_eq!(server.asked().len(), 2, "the first answer was too slow");
    let server = Server::start(|_| {
        std::thread::sleep(Duration::from_millis(1500));
        Reply::ok(table(5))
    });
    Lab::new().had(
        &catalogue(&server.url("/data.csv"), TABLE, "")
            .replace("timeout_seconds = 2", "timeout_seconds = 20"),
    );
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn fourteen_lines_above_the_header_or_none_are_the_same_to_a_reader() {
    let rows = "year,coo_iso,refugees,Returned IDPss\n2099,EXL,-,0\n";
    let preamble: String = (1..=14).map(|line| format!("\"Invented line {line}\"\n")).collect();
    let expected = "[source.expected]\nkind = \"csv\"\ncolumns = [\"year\", \"coo_iso\", \"refugees\"]\nheader_within = 20\n";
    for (body, notes) in [(format!("{preamble}{rows}"), 1), (rows.to_owned(), 0)] {
        let sent = body.clone();
        let server = Server::start(move |_| Reply::ok(sent.clone()));
        let text = catalogue(&server.url("/population.csv"), expected, "");
        let (row, bytes) = Lab::new().had(&text);
        assert_eq!((bytes, row.notes.len()), (body.into_bytes(), notes), "{:?}", row.notes);
    }
}

#[test]
fn a_member_with_a_plus_in_its_name_is_found_next_to_a_code_book() {
    let data = b"country_text_id,year,v2x_polyarchy\nEXL,2099,0.5\n";
    let bytes = archive(&[
        ("__MACOSX/._V-Dem-CY-Full+Others-v99.csv", b"x"),
        ("V-Dem-CY-Full+Others-v99.csv", data),
        ("V-Dem Codebook v99.pdf", b"%PDF"),
    ]);
    let server = Server::start(move |_| Reply::ok(bytes.clone()));
    let expected = "[source.expected]\nkind = \"zip\"\nmember = \"V-Dem-CY-Full+Others-v*.csv\"\ncolumns = [\"country_text_id\"]\n";
    let (row, _) = Lab::new().had(&catalogue(&server.url("/V-Dem-CY-v99_csv.zip"), expected, ""));
    assert!(row.notes.is_empty(), "{:?}", row.notes);
}

#[test]
fn a_page_of_html_that_comes_with_400_is_refused_at_once() {
    let server = Server::start(|_| Reply::new(400, "<html><body>Request Error</body></html>"));
    let message = Lab::new().refused(&catalogue(&server.url("/v2/data.csv"), TABLE, ""));
    assert!(message.contains("400") && message.contains("a page of HTML"), "{message}");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_run_or_a_level_that_does_not_exist_is_refused_with_the_page_for_a_person() {
    for status in [404, 422] {
        let server = Server::start(move |_| Reply::new(status, "{\"detail\":\"no such run\"}"));
        let expected = "[source.expected]\nkind = \"pages\"\nenvelope = \"views\"\n";
        let text = catalogue(&server.url("/fatalities003_2099_01_t01/cm/sb"), expected, "");
        assert!(Lab::new().refused(&text).contains(&status.to_string()));
        let lookup = format!(
            "[source.lookup]\nkind = \"geoboundaries\"\nurl = \"{}\"\n",
            server.url("/api/EXL/ADM5/")
        );
        assert!(Lab::new().refused(&listed(&lookup)).contains(&status.to_string()));
    }
}

#[test]
fn an_error_in_json_that_comes_with_200_in_place_of_a_gateways_table_is_refused() {
    // The displacement matrix says so in a field, the key is refused in another form.
    for body in [
        "{\"isSuccess\":false,\"errorMessages\":[\"unknown country\"],\"result\":null}",
        "{\"statusCode\":401,\"message\":\"Access denied due to missing subscription key.\"}",
    ] {
        let server = Server::start(move |_| Reply::ok(body));
        let expected = "[source.expected]\nkind = \"pages\"\nenvelope = \"dtm\"\n";
        Lab::new().refused(&catalogue(&server.url("/v3/displacement/admin1"), expected, ""));
    }
}

#[test]
fn what_publishers_warn_of_does_not_stand_in_the_shipped_catalogue() {
    let catalogue = sanad_fetch::Catalogue::shipped().unwrap();
    for data_set in &catalogue.sources {
        let releases = data_set.releases.iter().map(|release| release.url.as_str());
        for address in data_set.url.as_deref().into_iter().chain(releases) {
            // Links that only a browser gets.
            assert!(!address.contains("naturalearthdata.com/http"), "{address}");
            // Without both, a dimension is summed into one row and nothing says so.
            if address.contains("api.unhcr.org") {
                let is_split = address.contains("coa_all=true") || address.contains("coa=");
                let is_by_origin = address.contains("coo_all=true") || address.contains("coo=");
                assert!(is_split && is_by_origin, "{address}");
            }
            // Joined codes need it, and single ones are no worse for it; more rows a page give HTML.
            if let Some((_, rest)) = address.split_once("per_page=") {
                let rows: String = rest.chars().take_while(char::is_ascii_digit).collect();
                assert!(rows.parse::<u32>().unwrap() <= 32_500, "{address}");
            }
        }
    }
}
