//! Countries by the codes that sources use for them.
//!
//! ISO 3166-1 alpha-3 is the code that records carry. Gleditsch and Ward's numbers, the World
//! Bank's older codes (`ROM`, `ZAR`, `WBG`), CAMEO's country codes and names in English are
//! turned into it here; what has no equal keeps its own code at the reader. Two further systems
//! are kept apart on purpose: VIEWS' `country_id` belongs to forecasts, and GDELT's FIPS codes
//! stand in columns of locations, which are not read.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A country or territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-3 code. `XKX` for Kosovo, and `DDR`, `VDR`, `YMD`, `YUG` for states that
    /// ended, follow the sources.
    pub iso3: &'static str,
    /// ISO 3166-1 alpha-2 code, `XK` for Kosovo; empty where there is none.
    pub iso2: &'static str,
    /// Gleditsch and Ward's number, where the list has the country as a state.
    pub gwno: Option<i32>,
    /// Name in English.
    pub name: &'static str,
    others: &'static str,
}

/// Codes of sources that differ from ISO: the World Bank's of before 2018, CAMEO's, and the two of two
/// letters that the European Union writes otherwise.
const OTHER_CODES: [(&str, &str); 11] = [
    ("ADO", "AND"),
    ("EL", "GRC"),
    ("KSV", "XKX"),
    ("MTN", "MNE"),
    ("ROM", "ROU"),
    ("TMP", "TLS"),
    ("UK", "GBR"),
    ("WBG", "PSE"),
    ("WSB", "PSE"),
    ("XKV", "XKX"),
    ("ZAR", "COD"),
];

impl Country {
    /// The country with an ISO 3166-1 code of three or two letters, or with a code that the World Bank
    /// or CAMEO used for it. Codes are in capital letters.
    ///
    /// ```
    /// use sanad_core::country::Country;
    ///
    /// assert_eq!(Country::of_code("PAK").unwrap().gwno, Some(770));
    /// assert_eq!(Country::of_code("PK"), Country::of_code("PAK"));
    /// assert_eq!(Country::of_code("ROM").unwrap().iso3, "ROU");
    /// assert!(Country::of_code("WLD").is_none());
    /// ```
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        let other = OTHER_CODES.iter().find(|pair| pair.0 == code);
        let code = other.map_or(code, |pair| pair.1);
        match code.len() {
            2 => Self::all().find(|country| country.iso2 == code),
            _ => Self::all().find(|country| country.iso3 == code),
        }
    }

    /// The country with a Gleditsch–Ward number.
    #[must_use]
    pub fn of_gwno(gwno: i32) -> Option<Self> {
        Self::all().find(|country| country.gwno == Some(gwno))
    }

    /// The country with a name in English, as one of the sources known here spells it. Case, accents,
    /// punctuation, blanks, *the*, *and* written `&`, and *Saint* written `St.` do not matter.
    ///
    /// ```
    /// use sanad_core::country::Country;
    ///
    /// assert_eq!(Country::of_name("Iran (Islamic Republic of)").unwrap().iso3, "IRN");
    /// assert_eq!(Country::of_name("COTE D’IVOIRE").unwrap().iso3, "CIV");
    /// ```
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        static NAMES: LazyLock<BTreeMap<String, Country>> = LazyLock::new(|| {
            let each = Country::all()
                .flat_map(|country| country.names().map(move |name| (spelling(name), country)));
            each.collect()
        });
        // The longest name known here is far shorter; a cell of a broken file can be megabytes long.
        (name.len() <= 200).then(|| NAMES.get(&spelling(name)).copied())?
    }

    /// The country with a name, or else a code, as a column of countries holds them.
    ///
    /// ```
    /// use sanad_core::country::Country;
    ///
    /// assert_eq!(Country::of_name_or_code("Burma"), Country::of_name_or_code("MM"));
    /// ```
    #[must_use]
    pub fn of_name_or_code(text: &str) -> Option<Self> {
        Self::of_name(text).or_else(|| Self::of_code(text.trim()))
    }

    /// Its names.
    fn names(self) -> impl Iterator<Item = &'static str> {
        let others = self.others.split('|').filter(|name| !name.is_empty());
        core::iter::once(self.name).chain(others)
    }

    /// Every country, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        COUNTRIES.iter().map(|&(iso3, iso2, gwno, name, others)| Self {
            iso3,
            iso2,
            gwno: (gwno != 0).then_some(gwno),
            name,
            others,
        })
    }
}

/// What is left of a name when its spelling is set aside: small letters without accents, word by word.
fn spelling(name: &str) -> String {
    let plain = |letter: char| match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        other => other,
    };
    let text: String =
        name.replace('&', " and ").chars().flat_map(char::to_lowercase).map(plain).collect();
    // An accent that stands by itself after its letter.
    let text: String =
        text.chars().filter(|letter| !('\u{300}'..='\u{36f}').contains(letter)).collect();
    let words =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.map(|word| if word == "st" { "saint" } else { word });
    words.filter(|word| *word != "the").collect::<Vec<_>>().join(" ")
}

/// Codes of three and of two letters (ISO 3166-1; none for the World Bank's Channel Islands and for a
/// state that ended before it could get one), Gleditsch–Ward number (0 for none), name, other names. Numbers after Gleditsch and Ward
/// (1999), *A revised list of independent states since the Congress of Vienna*, and its list of
/// microstates.
#[rustfmt::skip]
const COUNTRIES: &[(&str, &str, i32, &str, &str)] = &[
    ("ABW", "AW", 0, "Aruba", ""),
    ("AFG", "AF", 700, "Afghanistan", ""),
    ("AGO", "AO", 540, "Angola", ""),
    ("AIA", "AI", 0, "Anguilla", ""),
    ("ALA", "AX", 0, "Åland Islands", ""),
    ("ALB", "AL", 339, "Albania", ""),
    ("AND", "AD", 232, "Andorra", ""),
    ("ANT", "AN", 0, "Netherlands Antilles (former)", ""),
    ("ARE", "AE", 696, "United Arab Emirates", "UAE"),
    ("ARG", "AR", 160, "Argentina", ""),
    ("ARM", "AM", 371, "Armenia", ""),
    ("ASM", "AS", 0, "American Samoa", ""),
    ("ATG", "AG", 58, "Antigua and Barbuda", "Antigua"),
    ("AUS", "AU", 900, "Australia", ""),
    ("AUT", "AT", 305, "Austria", ""),
    ("AZE", "AZ", 373, "Azerbaijan", ""),
    ("BDI", "BI", 516, "Burundi", ""),
    ("BEL", "BE", 211, "Belgium", ""),
    ("BEN", "BJ", 434, "Benin", ""),
    ("BES", "BQ", 0, "Bonaire, Sint Eustatius and Saba", "Caribbean Netherlands|Bonaire, Saint Eustatius and Saba"),
    ("BFA", "BF", 439, "Burkina Faso", "Burkina-Faso"),
    ("BGD", "BD", 771, "Bangladesh", ""),
    ("BGR", "BG", 355, "Bulgaria", ""),
    ("BHR", "BH", 692, "Bahrain", ""),
    ("BHS", "BS", 31, "Bahamas, The", "Bahamas"),
    ("BIH", "BA", 346, "Bosnia and Herzegovina", "Bosnia-Herzegovina|Bosnia"),
    ("BLM", "BL", 0, "Saint Barthélemy", ""),
    ("BLR", "BY", 370, "Belarus", "Belarus (Byelorussia)|Byelorussia"),
    ("BLZ", "BZ", 80, "Belize", ""),
    ("BMU", "BM", 0, "Bermuda", ""),
    ("BOL", "BO", 145, "Bolivia", "Bolivia (Plurinational State of)|Bolivia, Plurinational State of"),
    ("BRA", "BR", 140, "Brazil", ""),
    ("BRB", "BB", 53, "Barbados", ""),
    ("BRN", "BN", 835, "Brunei Darussalam", "Brunei"),
    ("BTN", "BT", 760, "Bhutan", ""),
    ("BWA", "BW", 571, "Botswana", ""),
    ("CAF", "CF", 482, "Central African Republic", "Central African Rep.|CAR"),
    ("CAN", "CA", 20, "Canada", ""),
    ("CCK", "CC", 0, "Cocos (Keeling) Islands", ""),
    ("CHE", "CH", 225, "Switzerland", ""),
    ("CHI", "", 0, "Channel Islands", ""),
    ("CHL", "CL", 155, "Chile", ""),
    ("CHN", "CN", 710, "China", "China, People's Republic of|People's Republic of China"),
    ("CIV", "CI", 437, "Ivory Coast", "Cote d'Ivoire|Côte d'Ivoire"),
    ("CMR", "CM", 471, "Cameroon", ""),
    ("COD", "CD", 490, "Democratic Republic of the Congo", "Congo, Dem. Rep.|Congo, Democratic Republic of|DR Congo|DemocraticRepublicCongo|Dem. Rep. of the Congo|Democratic Republic of Congo|Congo, The Democratic Republic of the|Congo (Kinshasa)|Congo-Kinshasa|Congo, DRC|DRC|D.R. Congo|DR Congo (Zaire)|Zaire|Congo, DR|Congo DR"),
    ("COG", "CG", 484, "Republic of the Congo", "Congo|Congo, Rep.|Republic of Congo|Congo (Brazzaville)|Congo-Brazzaville|Congo, Republic of|Congo Republic|Rep. of the Congo"),
    ("COK", "CK", 0, "Cook Islands", ""),
    ("COL", "CO", 100, "Colombia", ""),
    ("COM", "KM", 581, "Comoros", ""),
    ("CPV", "CV", 402, "Cape Verde", "Cabo Verde"),
    ("CRI", "CR", 94, "Costa Rica", ""),
    ("CUB", "CU", 40, "Cuba", ""),
    ("CUW", "CW", 0, "Curacao", "Curaçao"),
    ("CXR", "CX", 0, "Christmas Island", ""),
    ("CYM", "KY", 0, "Cayman Islands", ""),
    ("CYP", "CY", 352, "Cyprus", ""),
    ("CZE", "CZ", 316, "Czechia", "Czech Republic|Czech Rep."),
    ("DDR", "DD", 265, "German Democratic Republic", "East Germany"),
    ("DEU", "DE", 260, "Germany", "Germany, Federal Republic of|Federal Republic of Germany"),
    ("DJI", "DJ", 522, "Djibouti", ""),
    ("DMA", "DM", 54, "Dominica", ""),
    ("DNK", "DK", 390, "Denmark", ""),
    ("DOM", "DO", 42, "Dominican Republic", "Dominican Rep."),
    ("DZA", "DZ", 615, "Algeria", ""),
    ("ECU", "EC", 130, "Ecuador", ""),
    ("EGY", "EG", 651, "Egypt", "Egypt, Arab Rep.|Egypt, Arab Republic of"),
    ("ERI", "ER", 531, "Eritrea", ""),
    ("ESH", "EH", 0, "Western Sahara", ""),
    ("ESP", "ES", 230, "Spain", ""),
    ("EST", "EE", 366, "Estonia", ""),
    ("ETH", "ET", 530, "Ethiopia", ""),
    ("FIN", "FI", 375, "Finland", ""),
    ("FJI", "FJ", 950, "Fiji", ""),
    ("FLK", "FK", 0, "Falkland Islands", "Falkland Islands (Malvinas)"),
    ("FRA", "FR", 220, "France", ""),
    ("FRO", "FO", 0, "Faroe Islands", "Faeroe Islands"),
    ("FSM", "FM", 987, "Micronesia, Fed. Sts.", "Micronesia (Federated States of)|Micronesia, Federated States of|Federated States of Micronesia|Micronesia"),
    ("GAB", "GA", 481, "Gabon", ""),
    ("GBR", "GB", 200, "United Kingdom", "United Kingdom of Great Britain and Northern Ireland|Great Britain|UK|UK of Great Britain and Northern Ireland"),
    ("GEO", "GE", 372, "Georgia", ""),
    ("GGY", "GG", 0, "Guernsey", ""),
    ("GHA", "GH", 452, "Ghana", ""),
    ("GIB", "GI", 0, "Gibraltar", ""),
    ("GIN", "GN", 438, "Guinea", ""),
    ("GLP", "GP", 0, "Guadeloupe", ""),
    ("GMB", "GM", 420, "The Gambia", "Gambia, The"),
    ("GNB", "GW", 404, "Guinea-Bissau", ""),
    ("GNQ", "GQ", 411, "Equatorial Guinea", ""),
    ("GRC", "GR", 350, "Greece", ""),
    ("GRD", "GD", 55, "Grenada", ""),
    ("GRL", "GL", 0, "Greenland", ""),
    ("GTM", "GT", 90, "Guatemala", ""),
    ("GUF", "GF", 0, "French Guiana", ""),
    ("GUM", "GU", 0, "Guam", ""),
    ("GUY", "GY", 110, "Guyana", ""),
    ("HKG", "HK", 0, "Hong Kong SAR, China", "Hong Kong|China, Hong Kong SAR|Hong Kong, China (SAR)"),
    ("HND", "HN", 91, "Honduras", ""),
    ("HRV", "HR", 344, "Croatia", ""),
    ("HTI", "HT", 41, "Haiti", ""),
    ("HUN", "HU", 310, "Hungary", ""),
    ("IDN", "ID", 850, "Indonesia", ""),
    ("IMN", "IM", 0, "Isle of Man", ""),
    ("IND", "IN", 750, "India", ""),
    ("IOT", "IO", 0, "British Indian Ocean Territory", ""),
    ("IRL", "IE", 205, "Ireland", ""),
    ("IRN", "IR", 630, "Iran", "Iran (Islamic Republic of)|Iran, Islamic Rep.|Iran, Islamic Republic of|Iran (Islamic Rep. of)"),
    ("IRQ", "IQ", 645, "Iraq", ""),
    ("ISL", "IS", 395, "Iceland", ""),
    ("ISR", "IL", 666, "Israel", ""),
    ("ITA", "IT", 325, "Italy", "Italy/Sardinia"),
    ("JAM", "JM", 51, "Jamaica", ""),
    ("JEY", "JE", 0, "Jersey, Channel Islands", "Jersey"),
    ("JOR", "JO", 663, "Jordan", ""),
    ("JPN", "JP", 740, "Japan", ""),
    ("KAZ", "KZ", 705, "Kazakhstan", ""),
    ("KEN", "KE", 501, "Kenya", ""),
    ("KGZ", "KG", 703, "Kyrgyzstan", "Kyrgyz Republic|Kyrgyz Rep."),
    ("KHM", "KH", 811, "Cambodia", "Cambodia (Kampuchea)|Kampuchea"),
    ("KIR", "KI", 970, "Kiribati", ""),
    ("KNA", "KN", 60, "St. Kitts and Nevis", "Saint Kitts and Nevis"),
    ("KOR", "KR", 732, "South Korea", "Korea, Rep.|Republic of Korea|Rep. of Korea|Korea, Republic of|Korea, South|Korea (Republic of)|Republic of Korea (South Korea)"),
    ("KWT", "KW", 690, "Kuwait", ""),
    ("LAO", "LA", 812, "Laos", "Lao PDR|Lao People's Democratic Republic|Lao People's Dem. Rep.|Lao|Lao People's Dem. Republic"),
    ("LBN", "LB", 660, "Lebanon", ""),
    ("LBR", "LR", 450, "Liberia", ""),
    ("LBY", "LY", 620, "Libya", "Libyan Arab Jamahiriya"),
    ("LCA", "LC", 56, "St. Lucia", "Saint Lucia"),
    ("LIE", "LI", 223, "Liechtenstein", ""),
    ("LKA", "LK", 780, "Sri Lanka", "SriLanka|Sri Lanka (Ceylon)|Ceylon"),
    ("LSO", "LS", 570, "Lesotho", ""),
    ("LTU", "LT", 368, "Lithuania", ""),
    ("LUX", "LU", 212, "Luxembourg", ""),
    ("LVA", "LV", 367, "Latvia", ""),
    ("MAC", "MO", 0, "Macao SAR, China", "Macao|Macau|China, Macao SAR"),
    ("MAF", "MF", 0, "St. Martin (French part)", "Saint Martin (French part)|St. Martin|Saint Martin"),
    ("MAR", "MA", 600, "Morocco", ""),
    ("MCO", "MC", 221, "Monaco", ""),
    ("MDA", "MD", 359, "Moldova", "Republic of Moldova|Moldova, Republic of|Rep. of Moldova"),
    ("MDG", "MG", 580, "Madagascar", "Madagascar (Malagasy)"),
    ("MDV", "MV", 781, "Maldives", ""),
    ("MEX", "MX", 70, "Mexico", ""),
    ("MHL", "MH", 983, "Marshall Islands", ""),
    ("MKD", "MK", 343, "North Macedonia", "Macedonia|Macedonia, FYR|The former Yugoslav Republic of Macedonia|Macedonia, former Yugoslav Republic of|FYR Macedonia|Macedonia (FYROM)"),
    ("MLI", "ML", 432, "Mali", ""),
    ("MLT", "MT", 338, "Malta", ""),
    ("MMR", "MM", 775, "Burma/Myanmar", "Myanmar|Burma|Myanmar (Burma)|Burma (Myanmar)"),
    ("MNE", "ME", 341, "Montenegro", ""),
    ("MNG", "MN", 712, "Mongolia", ""),
    ("MNP", "MP", 0, "Northern Mariana Islands", ""),
    ("MOZ", "MZ", 541, "Mozambique", ""),
    ("MRT", "MR", 435, "Mauritania", ""),
    ("MSR", "MS", 0, "Montserrat", ""),
    ("MTQ", "MQ", 0, "Martinique", ""),
    ("MUS", "MU", 590, "Mauritius", ""),
    ("MWI", "MW", 553, "Malawi", ""),
    ("MYS", "MY", 820, "Malaysia", ""),
    ("MYT", "YT", 0, "Mayotte", ""),
    ("NAM", "NA", 565, "Namibia", ""),
    ("NCL", "NC", 0, "New Caledonia", ""),
    ("NER", "NE", 436, "Niger", ""),
    ("NFK", "NF", 0, "Norfolk Island", ""),
    ("NGA", "NG", 475, "Nigeria", ""),
    ("NIC", "NI", 93, "Nicaragua", ""),
    ("NIU", "NU", 0, "Niue", ""),
    ("NLD", "NL", 210, "Netherlands", "Netherlands (Kingdom of the)|Kingdom of the Netherlands|Holland"),
    ("NOR", "NO", 385, "Norway", ""),
    ("NPL", "NP", 790, "Nepal", ""),
    ("NRU", "NR", 971, "Nauru", ""),
    ("NZL", "NZ", 920, "New Zealand", ""),
    ("OMN", "OM", 698, "Oman", ""),
    ("PAK", "PK", 770, "Pakistan", ""),
    ("PAN", "PA", 95, "Panama", ""),
    ("PCN", "PN", 0, "Pitcairn", ""),
    ("PER", "PE", 135, "Peru", ""),
    ("PHL", "PH", 840, "Philippines", ""),
    ("PLW", "PW", 986, "Palau", ""),
    ("PNG", "PG", 910, "Papua New Guinea", ""),
    ("POL", "PL", 290, "Poland", ""),
    ("PRI", "PR", 0, "Puerto Rico", "Puerto Rico (US)"),
    ("PRK", "KP", 731, "North Korea", "Democratic People's Republic of Korea|Korea, Dem. People's Rep.|Korea, Dem. Rep.|Dem. People's Rep. of Korea|Korea, Democratic People's Republic of|Korea, North|DPRK|Democratic People's Rep. of Korea"),
    ("PRT", "PT", 235, "Portugal", ""),
    ("PRY", "PY", 150, "Paraguay", ""),
    ("PSE", "PS", 0, "Palestine", "Palestine, State of|State of Palestine|Occupied Palestinian Territory|Palestinian Territories|Palestinian Territory, Occupied|West Bank and Gaza|West Bank and Gaza Strip|Palestinian territory"),
    ("PYF", "PF", 0, "French Polynesia", ""),
    ("QAT", "QA", 694, "Qatar", ""),
    ("REU", "RE", 0, "Réunion", ""),
    ("ROU", "RO", 360, "Romania", "Rumania"),
    ("RUS", "RU", 365, "Russia", "Russian Federation|Russia (Soviet Union)|Soviet Union"),
    ("RWA", "RW", 517, "Rwanda", ""),
    ("SAU", "SA", 670, "Saudi Arabia", ""),
    ("SDN", "SD", 625, "Sudan", ""),
    ("SEN", "SN", 433, "Senegal", ""),
    ("SGP", "SG", 830, "Singapore", ""),
    ("SHN", "SH", 0, "Saint Helena", "Saint Helena, Ascension and Tristan da Cunha"),
    ("SJM", "SJ", 0, "Svalbard and Jan Mayen", "Svalbard and Jan Mayen Islands"),
    ("SLB", "SB", 940, "Solomon Islands", ""),
    ("SLE", "SL", 451, "Sierra Leone", ""),
    ("SLV", "SV", 92, "El Salvador", ""),
    ("SMR", "SM", 331, "San Marino", ""),
    ("SOM", "SO", 520, "Somalia", "Somalia, Fed. Rep."),
    ("SPM", "PM", 0, "Saint Pierre and Miquelon", ""),
    ("SRB", "RS", 340, "Serbia", "Serbia (Yugoslavia)|Serbia and Kosovo: S/RES/1244 (1999)|Serbia and Kosovo (S/RES/1244 (1999))"),
    ("SSD", "SS", 626, "South Sudan", ""),
    ("STP", "ST", 403, "São Tomé and Principe", "Sao Tome and Principe|São Tomé and Príncipe"),
    ("SUR", "SR", 115, "Suriname", "Surinam"),
    ("SVK", "SK", 317, "Slovakia", "Slovak Republic|Slovak Rep."),
    ("SVN", "SI", 349, "Slovenia", ""),
    ("SWE", "SE", 380, "Sweden", ""),
    ("SWZ", "SZ", 572, "Eswatini", "Swaziland|Kingdom of eSwatini (Swaziland)|Kingdom of Eswatini|Eswatini (Swaziland)|Swaziland (Eswatini)"),
    ("SXM", "SX", 0, "Sint Maarten (Dutch part)", "Sint Maarten|St. Maarten"),
    ("SYC", "SC", 591, "Seychelles", ""),
    ("SYR", "SY", 652, "Syria", "Syrian Arab Republic|Syrian Arab Rep."),
    ("TCA", "TC", 0, "Turks and Caicos Islands", ""),
    ("TCD", "TD", 483, "Chad", ""),
    ("TGO", "TG", 461, "Togo", ""),
    ("THA", "TH", 800, "Thailand", ""),
    ("TJK", "TJ", 702, "Tajikistan", ""),
    ("TKL", "TK", 0, "Tokelau", ""),
    ("TKM", "TM", 701, "Turkmenistan", ""),
    ("TLS", "TL", 860, "Timor-Leste", "East Timor|Timor Leste"),
    ("TON", "TO", 972, "Tonga", ""),
    ("TTO", "TT", 52, "Trinidad and Tobago", ""),
    ("TUN", "TN", 616, "Tunisia", ""),
    ("TUR", "TR", 640, "Türkiye", "Turkey|Turkiye|Turkey (Türkiye)|Turkey (Ottoman Empire)"),
    ("TUV", "TV", 973, "Tuvalu", ""),
    ("TWN", "TW", 713, "Taiwan", "Taiwan, China|Taiwan, Province of China|Chinese Taipei|Taiwan (Province of China)"),
    ("TZA", "TZ", 510, "Tanzania", "Tanzania, United Republic of|United Rep. of Tanzania|United Republic of Tanzania"),
    ("UGA", "UG", 500, "Uganda", ""),
    ("UKR", "UA", 369, "Ukraine", ""),
    ("URY", "UY", 165, "Uruguay", ""),
    ("USA", "US", 2, "United States of America", "United States|US|U.S.|U.S.A."),
    ("UZB", "UZ", 704, "Uzbekistan", ""),
    ("VAT", "VA", 0, "Holy See", "Vatican City|Holy See (Vatican City State)|Vatican"),
    ("VCT", "VC", 57, "St. Vincent and the Grenadines", "Saint Vincent and the Grenadines"),
    ("VDR", "", 817, "Republic of Vietnam", "South Vietnam|Vietnam, Republic of"),
    ("VEN", "VE", 101, "Venezuela", "Venezuela (Bolivarian Republic of)|Venezuela, Bolivarian Republic of|Venezuela, RB|Venezuela (Bolivarian Rep. of)"),
    ("VGB", "VG", 0, "British Virgin Islands", "Virgin Islands, British"),
    ("VIR", "VI", 0, "Virgin Islands (U.S.)", "United States Virgin Islands|US Virgin Islands|Virgin Islands, U.S."),
    ("VNM", "VN", 816, "Vietnam", "Viet Nam|Vietnam (North Vietnam)|Vietnam, Democratic Republic of"),
    ("VUT", "VU", 935, "Vanuatu", ""),
    ("WLF", "WF", 0, "Wallis and Futuna", "Wallis and Futuna Islands"),
    ("WSM", "WS", 990, "Samoa", "Samoa/Western Samoa|Western Samoa"),
    ("XKX", "XK", 347, "Kosovo", "Kosovo (S/RES/1244 (1999))|Kosovo (UNSC 1244)|Kosovo (UNSCR 1244)"),
    ("YEM", "YE", 678, "Yemen", "Yemen, Rep.|Yemen (North Yemen)|North Yemen|Yemen, Republic of|Yemen (Arab Republic of Yemen)"),
    ("YMD", "YD", 680, "South Yemen", "Yemen, People's Republic of|Yemen (South Yemen)"),
    ("YUG", "YU", 345, "Yugoslavia", ""),
    ("ZAF", "ZA", 560, "South Africa", ""),
    ("ZMB", "ZM", 551, "Zambia", ""),
    ("ZWE", "ZW", 552, "Zimbabwe", "Zimbabwe (Rhodesia)|Rhodesia"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_numbers_and_names_each_mean_one_country() {
        let mut seen = BTreeSet::new();
        for country in Country::all() {
            assert!(seen.insert(country.iso3.to_owned()), "{}", country.iso3);
            if let Some(gwno) = country.gwno {
                assert!(seen.insert(gwno.to_string()), "{gwno}");
            }
            if !country.iso2.is_empty() {
                assert!(seen.insert(country.iso2.to_owned()), "{}", country.iso2);
                assert_eq!(Country::of_code(country.iso2), Some(country));
            }
            for name in country.names() {
                assert_eq!(Country::of_name(name), Some(country), "{name}");
            }
            assert_eq!(Country::of_name(country.name), Some(country));
            assert_eq!(Country::of_code(country.iso3), Some(country));
        }
    }

    #[test]
    fn names_are_known_as_ucdp_unhcr_the_world_bank_and_the_united_nations_write_them() {
        for (name, iso3) in [
            ("Curaçao", "CUW"),
            ("Curac\u{327}ao", "CUW"),
            ("State of Palestine", "PSE"),
            ("Burma", "MMR"),
            ("Myanmar (Burma)", "MMR"),
            ("Micronesia (Federated States of)", "FSM"),
            ("DRC", "COD"),
            ("DR Congo (Zaire)", "COD"),
            ("Dem. Rep. of the Congo", "COD"),
            ("Congo", "COG"),
            ("Yemen (North Yemen)", "YEM"),
            ("Russia (Soviet Union)", "RUS"),
            ("Serbia (Yugoslavia)", "SRB"),
            ("Kingdom of eSwatini (Swaziland)", "SWZ"),
            ("Madagascar (Malagasy)", "MDG"),
            ("Zimbabwe (Rhodesia)", "ZWE"),
            ("Cambodia (Kampuchea)", "KHM"),
            ("Bosnia-Herzegovina", "BIH"),
            ("Macedonia, FYR", "MKD"),
            ("Türkiye", "TUR"),
            ("TURKIYE", "TUR"),
            ("the Gambia", "GMB"),
            ("Saint Kitts & Nevis", "KNA"),
            ("Serbia and Kosovo: S/RES/1244 (1999)", "SRB"),
            ("Korea, Dem. People's Rep.", "PRK"),
            ("Côte d’Ivoire", "CIV"),
            ("Guinea", "GIN"),
            ("Guinea Bissau", "GNB"),
            ("Niger", "NER"),
        ] {
            assert_eq!(Country::of_name(name).map(|of_name| of_name.iso3), Some(iso3), "{name}");
        }
    }

    #[test]
    fn what_is_no_country_has_none() {
        assert_eq!(Country::of_name(""), None);
        assert_eq!(Country::of_name("the"), None);
        assert_eq!(Country::of_name("Korea"), None);
        assert_eq!(Country::of_code("EU"), None);
        assert_eq!(Country::of_name("Atlantis"), None);
        assert_eq!(Country::of_gwno(751), None);
    }

    #[test]
    fn other_codes_lead_to_countries() {
        for (code, iso3) in OTHER_CODES {
            assert_eq!(Country::of_code(code).map(|country| country.iso3), Some(iso3));
        }
    }
}
