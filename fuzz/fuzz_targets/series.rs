//! Tables of indicators, all formats that share the reader of tables: no panic, finite values,
//! and rows that exist. The first byte chooses the format, the second whether its header is given.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_source::displacement::{self, Publisher};
use sanad_source::series::Series;
use sanad_source::{Result, districts, gdelt_months, stop, ucdp_dyadic, vdem, wdi, wgi};

const HEADERS: [&str; 9] = [
    "Country Name,Country Code,Series Name,Series Code,2010 [YR2010],2011 [YR2011]\n",
    "code,countryname,year,vae,vas,pve,gee,rqe,rle,cce,ver,vel,veu\n",
    "country_text_id,year,country_name,v2x_a,v2x_a_codelow,v2x_a_codehigh,v2x_a_sd\n",
    "start_date,end_date,country,geo_scope,area_name\n",
    "province,district,indicator,year,value,units,source\n",
    "year,coo_iso,coa_iso,total\n",
    "year,coo_iso,coa_iso,refugees,returned_refugees\n",
    "country_iso3,year_month,gdelt_a_count,gdelt_mean\n",
    "dyad_id,year,intensity_level,type_of_conflict,gwno_a,gwno_b,gwno_loc\n",
];

fn read(format: usize, data: &[u8]) -> Result<Series> {
    match format {
        0 => wdi::read(data),
        1 => wgi::read(data),
        2 => vdem::read(data, &[]),
        3 => stop::read(data),
        4 => districts::read(data, "PAK"),
        5 => displacement::read(data, Publisher::Idmc),
        6 => displacement::read(data, Publisher::Unhcr),
        7 => gdelt_months::read(data),
        _ => ucdp_dyadic::read(data),
    }
}

fuzz_target!(|data: &[u8]| {
    let [format, headed, body @ ..] = data else { return };
    let format = usize::from(*format) % HEADERS.len();
    let header = if headed % 4 == 0 { "" } else { HEADERS[format] };
    let table = [header.as_bytes(), body].concat();
    let Ok(series) = read(format, &table) else { return };
    let last = series.rows_read + 1;
    for one in &series.observations {
        assert!(one.value.is_finite());
        assert!(one.standard_error.is_none_or(|error| error >= 0.0 && error.is_finite()));
        assert!((2..=last).contains(&one.source_row));
        assert!(one.period.start() <= one.period.end());
        assert_eq!(one.period.to_string().parse(), Ok(one.period));
    }
    assert!(series.diagnostics.iter().all(|remark| (2..=last).contains(&remark.row)));
    assert!(series.diagnostics.is_sorted_by_key(|remark| remark.row));
    assert_eq!(series, read(format, &table).unwrap());
});
